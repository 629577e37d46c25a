"""Projects of a table: new ones are entered, known ones (by title) get what the table says of their profile.

A town named as lead is asked; it alone takes the project on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from collab.live.regions import region_id
from collab.network.models import Membership, Network, german_sort_key
from collab.network.queries import active_towns
from collab.search import index
from workgroups import licences, ozg
from workgroups.domain import regions as pages
from workgroups.domain.involvement import propose_part, regions_of_asked
from workgroups.domain.project import MOST_SERVICES, change_phase, save_part
from workgroups.models import Involvement, Offer, PhaseChange, Project, ProjectService
from workgroups.queries.entries import project_entry
from workgroups.queries.involvement import open_parts
from workgroups.queries.project import PARTS, blocks_of, services_of

from .cells import Cells, Choices, fold
from .columns import PROJECTS
from .plan import Kind, Line, Outcome, Towns, lock_all

LEAD = Involvement.Role.LEAD
# Fields of the profile that are plain text, and how long each may be.
TEXTS = {
    "summary": 500,
    "goal": 3000,
    "product": 200,
    "vendor": 200,
    "cost_note": 500,
    "legal": 5000,
    "data_protection": 5000,
    "lessons": 5000,
    "reuse_conditions": 5000,
    "contact_text": 300,
}
AMOUNTS = ("cost_once", "cost_yearly")
PROFILE = (*TEXTS, "block", "licence", "repository", *AMOUNTS, "maturity", "review_on")
PART_OF = {name: part for part, names in PARTS.items() for name in names}


class Projects(Kind):
    columns = PROJECTS
    needs = (("title",),)

    def __init__(self, network: Network, by: Membership, name: str) -> None:
        super().__init__(network, by, name)
        self.labels = {column.name: column.label for column in self.columns}
        self.towns = Towns(active_towns(network.pk))
        self.phases = Choices(
            Project.Phase.choices, {"Betrieb": "operation", "produktiv": "operation", "live": "operation"}
        )
        self.blocks = Choices(blocks_of(network.pk).items())
        self.projects: dict[str, list[Project]] = {}
        for project in Project.objects.filter(network=network).order_by("pk"):
            self.projects.setdefault(fold(project.title), []).append(project)
        self.since: dict[int, date] = dict(
            PhaseChange.objects.filter(project__network=network).order_by("since", "pk").values_list("project", "since")
        )
        self.services: dict[int, set[int]] = {}
        for pk, ozg_id in ProjectService.objects.filter(project__network=network).values_list("project", "ozg_id"):
            self.services.setdefault(pk, set()).add(ozg_id)
        leads = open_parts(network.pk).filter(role=LEAD)
        self.leads = {part.project_id: part.municipality for part in leads}
        asked = Offer.objects.filter(network=network, role=LEAD, kind=Offer.Kind.PART)
        self.asked = set(asked.values_list("project", "municipality"))
        open_offers = Offer.objects.filter(network=network, kind=Offer.Kind.PART, state=Offer.State.OPEN)
        self.busy = set(open_offers.values_list("project", "municipality"))

    # -- understanding a row ------------------------------------------------------------------------------------------

    def read(self, cells: Cells) -> dict[str, Any]:
        values: dict[str, Any] = {"title": cells.need("title", 200)}
        for name, longest in TEXTS.items():
            values[name] = cells.text(name, longest, lines=longest > 500)
        values["block"] = cells.choice("block", self.blocks)
        values["phase"] = cells.choice("phase", self.phases)
        values["since"] = cells.day("since")
        if values["since"] and values["since"] > timezone.localdate():
            cells.wrong("since", _("A phase begins today or began earlier."))
        unknown = _("“%(cell)s” is not a member of the network. Bring in the municipalities first.")
        values["lead"] = self.towns.read(cells, "lead", unknown)
        values["services"] = self._services(cells)
        values["maturity"] = self._maturity(cells)
        values["licence"] = self._licence(cells)
        values["repository"] = cells.url("repository")
        for name in AMOUNTS:
            values[name] = cells.amount(name)
        values["review_on"] = cells.day("review_on")
        return values

    def _services(self, cells: Cells) -> list[int] | None:
        """Return the OZG services of a cell: numbers, or names, one per line or with semicolons between."""
        text = cells.text("services", 5000, lines=True)
        if text is None:
            return None
        found = []
        names = [text] if _service(text) else re.split(r"[;\n|]", text)
        numbers = names if len(names) > 1 or not re.fullmatch(r"[\d,\s]+", text) else text.split(",")
        for name in (name.strip() for name in numbers):
            if name and (ozg_id := _service(name)):
                found.append(ozg_id)
            elif name:
                cells.wrong("services", _("“%(cell)s” is not in the OZG catalogue.") % {"cell": name[:60]})
        if len(found) > MOST_SERVICES:
            cells.wrong("services", _("At most %(count)s online services per project.") % {"count": MOST_SERVICES})
        return sorted(set(found))

    def _maturity(self, cells: Cells) -> int | None:
        text = cells.text("maturity", 60)
        match = re.match(r"\D*([0-4])\b", text) if text else None
        if text and match is None:
            cells.wrong("maturity", _("The maturity is a number from 0 to 4."))
        return int(match[1]) if match else None

    def _licence(self, cells: Cells) -> str | None:
        text = cells.text("licence", 80)
        try:
            return licences.spdx(text, proprietary=_("proprietary")) if text else None
        except ValueError:
            cells.wrong("licence", _("This is no SPDX expression. Write for example: EUPL-1.2."))
            return None

    def title(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        return values["title"] or "–"

    def key(self, values: Mapping[str, Any]) -> Any:
        return fold(values["title"])

    # -- what would become of it --------------------------------------------------------------------------------------

    def judge(self, line: Line) -> None:
        known = self.projects.get(fold(line.values["title"]), [])
        going_on = [project for project in known if project.joined_to_id is None]
        if len(going_on) > 1:
            line.wrong(_("There are several projects of this title. Give them different titles first."))
        elif known and not going_on:
            line.target, line.outcome = known[0], Outcome.SAME
            line.notes.append(_("This project was joined to another one."))
        elif going_on:
            self._judge_known(line, going_on[0])
        elif line.values["lead"]:
            line.notes.append(_("%(town)s is asked whether it leads.") % {"town": line.values["lead"]})

    def _judge_known(self, line: Line, project: Project) -> None:
        line.target, line.outcome = project, Outcome.SAME
        values = line.values
        for name in PROFILE:
            now = getattr(project, name)
            if values[name] is not None and values[name] != now:
                line.change(name, self.labels[name], self._shown(name, now), self._shown(name, values[name]))
        services = self.services.get(project.pk, set())
        if values["services"] is not None and set(values["services"]) != services:
            line.change("services", self.labels["services"], _names(services), _names(values["services"]))
        self._judge_phase(line, project)
        self._judge_lead(line, project)

    def _judge_phase(self, line: Line, project: Project) -> None:
        phase, since = line.values["phase"] or project.phase, line.values["since"]
        if phase != project.phase:
            line.change("phase", self.labels["phase"], project.get_phase_display(), Project.Phase(phase).label)
        elif since and since != self.since.get(project.pk):
            now = self.since.get(project.pk)
            before = date_format(now, "SHORT_DATE_FORMAT") if now else ""
            line.change("since", self.labels["since"], before, date_format(since, "SHORT_DATE_FORMAT"))

    def _judge_lead(self, line: Line, project: Project) -> None:
        """A town is asked once: whether it leads already, was asked or said no, nothing more happens."""
        town, lead = line.values["lead"], self.leads.get(project.pk)
        if town is None or (lead and lead.pk == town.pk) or (project.pk, town.pk) in self.asked:
            return
        if lead or (project.pk, town.pk) in self.busy:
            names = {"town": lead or town}
            why = _("%(town)s leads it. Nobody else is asked.") if lead else _("%(town)s is asked about it already.")
            line.notes.append(why % names)
            return
        line.change("lead", self.labels["lead"], "", town)
        line.notes.append(_("%(town)s is asked whether it leads.") % {"town": town})

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return date_format(value, "SHORT_DATE_FORMAT")
        if isinstance(value, Decimal):
            return number_format(value, 2, force_grouping=True)
        if name == "block" and value:
            return str(blocks_of(self.network.pk).get(value, value))
        text = "" if value is None else str(value)
        return text if len(text) <= 120 else f"{text[:119]}…"

    # -- carrying it out ----------------------------------------------------------------------------------------------

    def carry_out(self, lines: Sequence[Line]) -> list[str]:
        lock_all(line.target for line in lines)
        for line in lines:
            if line.outcome == Outcome.CHANGED:
                self._change(line)
        new = [line for line in lines if line.outcome == Outcome.NEW]
        return self._enter(new) if new else []

    def _change(self, line: Line) -> None:
        project, values = line.target, line.values
        wanted = {"ozg_ids" if name == "services" else name: values[name] for name in line.fields}
        for part in dict.fromkeys(PART_OF[name] for name in wanted if name in PART_OF):
            project.refresh_from_db()
            now = {n: services_of(project.pk) if n == "ozg_ids" else getattr(project, n) for n in PARTS[part]}
            now |= {name: value for name, value in wanted.items() if name in now}
            save_part(project=project, part=part, values=now, version=project.version, by=self.by)
        if {"phase", "since"} & set(line.fields):
            project.refresh_from_db()
            phase, since = values["phase"] or project.phase, values["since"] or timezone.localdate()
            note = _("From the file “%(file)s”") % {"file": self.name[:200]}
            change_phase(project=project, phase=phase, since=since, note=note, version=project.version, by=self.by)
        if "lead" in line.fields:
            propose_part(project=project, municipality=values["lead"], role=LEAD, word="", by=self.by)

    def _enter(self, lines: Sequence[Line]) -> list[str]:
        """Enter new projects, with a fixed number of queries for any number of them; returns the regions."""
        last = Project.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        projects = Project.objects.bulk_create([self._project(line.values) for line in lines], batch_size=200)
        pairs = list(zip(projects, (line.values for line in lines), strict=True))
        today = timezone.localdate()
        PhaseChange.objects.bulk_create(
            [PhaseChange(project=p, phase=p.phase, since=v["since"] or today, by=self.by) for p, v in pairs],
            batch_size=500,
        )
        ProjectService.objects.bulk_create(
            [ProjectService(project=p, ozg_id=ozg_id) for p, v in pairs for ozg_id in v["services"] or ()],
            batch_size=500,
        )
        offers = [
            Offer(
                network=self.network,
                kind=Offer.Kind.PART,
                municipality=v["lead"],
                project=p,
                role=LEAD,
                made_by=self.by,
            )
            for p, v in pairs
            if v["lead"]
        ]
        Offer.objects.bulk_create(offers, batch_size=500)
        entered = Project.objects.filter(network=self.network, pk__gt=last).prefetch_related("services")
        index.put(*map(project_entry, entered))
        lists = [region_id(name, self.network.pk) for name in ("board", "board-of", "board-news", "balance")]
        asked = regions_of_asked(self.network.pk, [offer.municipality_id for offer in offers])
        return [*lists, *pages.of_coverage(self.network.pk), *asked]

    def _project(self, values: Mapping[str, Any]) -> Project:
        project = Project(network=self.network, title=values["title"], created_by=self.by)
        project.phase = values["phase"] or Project.Phase.IDEA
        for name in PROFILE:
            if values[name] is not None:
                setattr(project, name, values[name])
        return project


def _service(text: str) -> int | None:
    """Return the service that a text names: its number, its name, or both as forms write it; None for none."""
    match = re.search(r"\((\d{3,7})\)$", text)
    key = match[1] if match else text
    catalogue = ozg.catalogue()
    if key.isascii() and key.isdigit() and len(key) < 8 and int(key) in catalogue:
        return int(key)
    folded = german_sort_key(" ".join(text.split()))
    named = [service.ozg_id for service in catalogue.values() if german_sort_key(service.name) == folded]
    return named[0] if len(named) == 1 else None


def _names(ozg_ids: Any) -> str:
    catalogue = ozg.catalogue()
    names = [catalogue[ozg_id].name for ozg_id in sorted(ozg_ids) if ozg_id in catalogue]
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
