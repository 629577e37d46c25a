"""Action items of a table. A town is asked to take over what is for it to do; the coordinator has it until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.live.regions import region_id
from collab.network.models import Accession, Membership, Network
from collab.network.queries import active_towns
from collab.search import index
from workgroups.domain.action_item import change_due, change_follow_up, change_state, edit_action_item
from workgroups.domain.involvement import regions_of_asked
from workgroups.domain.regions import of_group_work
from workgroups.models import ActionItem, Group, Offer, Project
from workgroups.queries.entries import action_entry
from workgroups.queries.group import open_members

from .cells import Cells, Choices, fold
from .columns import ACTIONS
from .plan import Kind, Line, Outcome, Towns, lock_all

State = ActionItem.State
OTHER_STATES = {
    **dict.fromkeys(("erledigt", "fertig", "abgeschlossen", "x", "ja"), State.DONE),
    **dict.fromkeys(("in Arbeit", "läuft", "begonnen"), State.IN_PROGRESS),
    **dict.fromkeys(("neu", "nein"), State.OPEN),
    **dict.fromkeys(("entfallen", "verworfen", "hinfällig"), State.DROPPED),
}
DAYS = ("due_on", "follow_up_on")


class Actions(Kind):
    columns = ACTIONS
    needs = (("title",), ("municipality", "person"))

    def __init__(self, network: Network, by: Membership, name: str) -> None:
        super().__init__(network, by, name)
        self.labels = {column.name: column.label for column in self.columns}
        self.towns = Towns(active_towns(network.pk))
        self.states = Choices(State.choices, OTHER_STATES)
        self.people: dict[str, list[Membership]] = {}
        for member in open_members(network):
            for called in {fold(member.person.email), fold(member.person.name)}:
                self.people.setdefault(called, []).append(member)
        self.projects = _by_name(Project.objects.filter(network=network, joined_to=None), "title")
        self.groups = _by_name(Group.objects.filter(network=network, state=Group.State.ACTIVE), "name")
        self._read_known()

    def _read_known(self) -> None:
        """Find each action item by title and town: the responsible one, and those that were asked."""
        self.known: dict[Any, list[ActionItem]] = {}
        asked: dict[int, set[str]] = {}
        for pk, town in Offer.objects.filter(network=self.network, action__isnull=False).values_list(
            "action", "municipality"
        ):
            asked.setdefault(pk or 0, set()).add(town)
        actions = ActionItem.objects.filter(network=self.network).select_related(
            "project", "group", "municipality", "person"
        )
        for action in actions.order_by("pk"):
            whose = {action.municipality_id, *asked.get(action.pk, ())} - {None}
            for town in whose or {f"person {action.person_id}"}:
                self.known.setdefault((fold(action.title), town), []).append(action)

    # -- understanding a row ------------------------------------------------------------------------------------------

    def read(self, cells: Cells) -> dict[str, Any]:
        values: dict[str, Any] = {"title": cells.need("title", 300)}
        unknown = _("“%(cell)s” is not a member of the network. Bring in the municipalities first.")
        values["town"] = self.towns.read(cells, "municipality", unknown)
        values["person"] = self._person(cells, values["town"])
        if values["person"] and values["town"] is None:
            values["town"] = values["person"].municipality
        if not (values["town"] or values["person"] or cells.problems):
            cells.wrong("municipality", _("Name the municipality or the person who is responsible."))
        for name in DAYS:
            values[name] = cells.day(name)
        values["state"] = cells.choice("state", self.states)
        values["note"] = cells.text("note", 5000, lines=True)
        values["state_note"] = cells.text("state_note", 2000, lines=True)
        values["project"] = self._named(cells, "project", self.projects, _("“%(cell)s” is no project of this network."))
        values["group"] = self._named(cells, "group", self.groups, _("“%(cell)s” is no group that is active here."))
        return values

    def _person(self, cells: Cells, town: Any) -> Membership | None:
        text = cells.text("person", 254)
        if text is None:
            return None
        # Exports and lists write "Name (Kehl)".
        found = self.people.get(fold(text)) or self.people.get(fold(text.partition("(")[0])) or []
        found = [member for member in found if town is None or member.municipality_id == town.pk]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            cells.wrong(
                "person", _("Several people are called “%(cell)s”. Write the e-mail address.") % {"cell": text[:60]}
            )
        elif town is None:
            cells.wrong("person", _("“%(cell)s” does not belong to this network.") % {"cell": text[:60]})
        else:
            why = _("“%(cell)s” does not act for %(town)s.")
            cells.wrong("person", why % {"cell": text[:60], "town": town})
        return None

    def _named(self, cells: Cells, name: str, known: Mapping[str, Any], unknown: str) -> Any:
        text = cells.text(name, 300)
        found = known.get(fold(text)) if text else None
        if text and found is None:
            cells.wrong(name, unknown % {"cell": text[:60]})
        return found

    def title(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        return values["title"] or "–"

    def key(self, values: Mapping[str, Any]) -> Any:
        return (*_whose(values), values["due_on"])

    # -- what would become of it --------------------------------------------------------------------------------------

    def prepare(self, lines: Sequence[Line]) -> None:
        """What another row names with its very due date is not taken for this one with a new date."""
        self.claimed: set[int] = set()
        for line in lines:
            same = (a for a in self.known.get(_whose(line.values), []) if a.due_on == line.values["due_on"])
            if action := next(same, None):
                self.claimed.add(action.pk)

    def judge(self, line: Line) -> None:
        values = line.values
        found = self.known.get(_whose(values), [])
        exact = [action for action in found if action.due_on == values["due_on"]]
        others = [action for action in found if action.pk not in self.claimed] if values["due_on"] else found
        if known := (exact or others):
            self._judge_known(line, known[0])
            return
        finished = values["state"] and values["state"] not in ActionItem.OPEN_STATES
        if values["town"] and values["town"].pk != self.by.municipality_id and not finished:
            line.notes.append(_("%(town)s is asked whether it takes this over.") % {"town": values["town"]})

    def _judge_known(self, line: Line, action: ActionItem) -> None:
        line.target, line.outcome = action, Outcome.SAME
        values = line.values
        if action.is_open:
            for name in DAYS:
                if values[name] and values[name] != getattr(action, name):
                    line.change(name, self.labels[name], _day(getattr(action, name)), _day(values[name]))
            self._judge_state(line, action)
        elif values["state"] in ActionItem.OPEN_STATES:
            line.notes.append(_("Is finished here meanwhile, and stays so."))
        if values["note"] is not None and values["note"] != action.note:
            line.change("note", self.labels["note"], _short(action.note), _short(values["note"]))
        for name in ("project", "group"):
            if values[name] and getattr(action, f"{name}_id") is None:
                line.change(name, self.labels[name], "", values[name])

    def _judge_state(self, line: Line, action: ActionItem) -> None:
        """What has begun here does not go back to "open" because an old file says so."""
        state = line.values["state"]
        goes_back = action.state == State.IN_PROGRESS and state == State.OPEN
        if state and state != action.state and not goes_back:
            line.change("state", self.labels["state"], action.get_state_display(), State(state).label)

    # -- carrying it out ----------------------------------------------------------------------------------------------

    def carry_out(self, lines: Sequence[Line]) -> list[str]:
        lock_all(line.values["group"] for line in lines if "group" in line.fields)
        lock_all(line.target for line in lines)
        for line in lines:
            if line.outcome == Outcome.CHANGED:
                self._change(line)
        new = [line for line in lines if line.outcome == Outcome.NEW]
        return self._enter(new) if new else []

    def _change(self, line: Line) -> None:
        values, wanted, by = line.values, set(line.fields), self.by
        reason = _("From the file “%(file)s”") % {"file": self.name[:200]}

        def now() -> ActionItem:
            return ActionItem.objects.select_related("municipality", "person", "project", "group").get(
                pk=line.target.pk
            )

        if wanted & {"note", "project", "group"}:
            action = now()
            edit_action_item(
                action=action,
                title=action.title,
                municipality=action.municipality,
                person=action.person,
                note=values["note"] if "note" in wanted else action.note,
                project=values["project"] if "project" in wanted else action.project,
                group=values["group"] if "group" in wanted else action.group,
                version=action.version,
                by=by,
            )
        if "due_on" in wanted:
            action = now()
            change_due(action=action, due_on=values["due_on"], reason=reason, version=action.version, by=by)
        if "follow_up_on" in wanted:
            action = now()
            change_follow_up(action=action, follow_up_on=values["follow_up_on"], version=action.version, by=by)
        if "state" in wanted:
            action = now()
            note = values["state_note"] or (reason if values["state"] == State.DROPPED else "")
            change_state(action=action, state=values["state"], note=note, version=action.version, by=by)

    def _enter(self, lines: Sequence[Line]) -> list[str]:
        """Enter new action items, with a fixed number of queries for any number of them; returns the regions."""
        last = ActionItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        entered = ActionItem.objects.bulk_create([self._action(line.values) for line in lines], batch_size=200)
        pairs = list(zip(entered, (line.values for line in lines), strict=True))
        offers = [
            Offer(network=self.network, kind=Offer.Kind.ACTION, municipality=v["town"], action=a, made_by=self.by)
            for a, v in pairs
            if v["town"] and a.municipality_id != v["town"].pk
        ]
        Offer.objects.bulk_create(offers, batch_size=500)
        found = ActionItem.objects.filter(network=self.network, pk__gt=last)
        index.put(*map(action_entry, found.select_related("municipality", "project", "group")))
        return [*self._shown_in(entered), *regions_of_asked(self.network.pk, {o.municipality_id for o in offers})]

    def _action(self, values: Mapping[str, Any]) -> ActionItem:
        state = values["state"] or State.OPEN
        action = ActionItem(network=self.network, title=values["title"], created_by=self.by, state=state)
        action.due_on, action.follow_up_on = values["due_on"], values["follow_up_on"]
        action.note, action.state_note = values["note"] or "", values["state_note"] or ""
        action.project, action.group = values["project"], values["group"]
        is_over = state not in ActionItem.OPEN_STATES
        action.finished_at = timezone.now() if is_over else None
        if values["town"] is None:
            action.person = values["person"]
        elif is_over:  # nobody is asked about what is over: it was that town's
            action.municipality, action.person = values["town"], values["person"]
        else:
            action.person = self.by
        return action

    def _shown_in(self, actions: Sequence[ActionItem]) -> list[str]:
        towns = {action.municipality_id for action in actions if action.municipality_id}
        here = Accession.objects.filter(network=self.network, municipality__in=towns, left_on=None)
        return [
            region_id("action-log", self.network.pk),
            region_id("action-board", self.network.pk),
            *(region_id("town-actions", pk) for pk in here.values_list("pk", flat=True)),
            *(region_id("my-actions", pk) for pk in {a.person_id for a in actions if a.person_id}),
            *(region_id("project-work", pk) for pk in {a.project_id for a in actions if a.project_id}),
            *of_group_work(*{a.group_id for a in actions}),
        ]


def _by_name(rows: Any, name: str) -> dict[str, Any]:
    return {fold(getattr(row, name)): row for row in rows}


def _whose(values: Mapping[str, Any]) -> tuple[str, str]:
    town, person = values["town"], values["person"]
    return fold(values["title"]), town.pk if town else f"person {person.pk}"


def _day(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
