"""Writes on projects: entering one, its profile part by part, its phases, the topic blocks a network adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.live.models import Change
from collab.network.access import need
from collab.network.models import Membership, Network
from collab.search import index
from workgroups import ozg, rules
from workgroups.models import Block, Group, PhaseChange, Project, ProjectService, TopicBlock
from workgroups.queries.entries import entries_naming, project_entries
from workgroups.queries.group import open_members
from workgroups.queries.involvement import open_parts_of
from workgroups.queries.project import PARTS, blocks_of, editor_towns, services_of
from workgroups.queries.similar import alike

from . import regions

Phase = Project.Phase
MOST_SERVICES = 60
MOST_BLOCKS = 30
# What a reader of the board would notice.
ON_BOARD = ("basics", "services")


@transaction.atomic
def add_project(
    *,
    network: Network,
    title: str,
    summary: str = "",
    block: str = "",
    phase: str = Phase.IDEA,
    since: date | None = None,
    services: Collection[int] = (),
    group: Group | None = None,
    by: Membership,
    request_id: UUID | None = None,
) -> Project:
    """Enter a project that nobody has taken on yet, and return it (the same one when the form was sent twice)."""
    need(by.network_id == network.pk and rules.may_add_project(by))
    if request_id and (twin := Project.objects.filter(request_id=request_id, created_by=by).first()):
        return twin
    need_new_form(Project, request_id)
    values = {"title": title, "summary": summary, "block": block, "group": group}
    _check(network, None, {**values, "ozg_ids": services})
    since = _not_in_future(since or timezone.localdate())
    project = Project(network=network, phase=phase, created_by=by, request_id=request_id, **values)
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError:
        # The same form at the same moment over another connection: the other one was first.
        if twin := Project.objects.filter(request_id=request_id, created_by=by).first():
            return twin
        raise Refused(_("This form was sent already. Open a new one.")) from None
    PhaseChange.objects.create(project=project, phase=phase, since=since, by=by)
    _set_services(project, services)
    shows = [*regions.of_board(project, listed=True), *regions.of_similar(alike(network.pk, project.pk))]
    return _recorded(project, "project_added", by, shows, shown=("profile",))


@transaction.atomic
def save_part(*, project: Project, part: str, values: dict[str, Any], version: int, by: Membership) -> Project:
    """Save one part of the profile (a key of `queries.project.PARTS`, with a value for each of its names).

    Raises Stale where somebody else saved the same part since `version`; who describes the cost is not in the way of
    who describes the law. Twice the same is saved once.
    """
    project = locked_project(project)
    _need_editor(project, by)
    if set(values) != set(PARTS[part]):
        raise ValueError(f"{part} is made of {PARTS[part]}")
    before = _values(project, part)
    if before == values:
        return project
    _need_fresh(project, version, f"project_{part}")
    changed = {name: value for name, value in values.items() if before[name] != value}
    _check(project.network, project, changed)
    earlier_group = project.group_id
    likeness = {"title", "ozg_ids"} & set(changed)
    similar = alike(project.network_id, project.pk) if likeness else set()
    if "ozg_ids" in changed:
        _set_services(project, changed["ozg_ids"])
    saved = _save(project, {name: value for name, value in changed.items() if name != "ozg_ids"}, part in ON_BOARD)
    shows = regions.of_board(saved, listed=True) if part in ON_BOARD else []
    shows += regions.of_coverage(saved.network_id) if part == "services" else []
    shows += regions.of_group_work(earlier_group, saved.group_id) if {"group", "title"} & set(changed) else []
    shows += regions.of_similar(similar | alike(saved.network_id, saved.pk)) if likeness else []
    if "block" in changed:
        # Who has a project of a topic block is asked what is asked about that.
        shows += regions.of_town_in(saved, *(part.municipality_id for part in open_parts_of(saved.pk)))
    if "title" in changed:
        shows += regions.of_title(saved)
        index.put(*entries_naming(saved))
    what = {"before": {name: _snapshot(before[name]) for name in changed}, "fields": sorted(changed)}
    return _recorded(saved, f"project_{part}", by, shows, shown=("profile", *_also(part)), **what)


def _also(part: str) -> tuple[str, ...]:
    """Return the other regions of the project's page that show something of a part."""
    return {"basics": ("work",), "services": ("towns",), "reuse": ("reuse",)}.get(part, ())


@transaction.atomic
def change_phase(*, project: Project, phase: str, since: date, note: str, version: int, by: Membership) -> Project:
    """Enter that the project is in a phase since a day.

    The phase it is in is the last one by date, so an earlier one can be added later. Entering again the phase it is in,
    or an earlier one, corrects its day. Raises Stale where somebody else changed the phase since `version`.
    """
    project = locked_project(project)
    _need_editor(project, by)
    since = _not_in_future(since)
    changes = list(project.phase_changes.order_by("-since", "-pk"))
    if any((row.phase, row.since, row.note) == (phase, since, note) for row in changes):
        return project
    _need_fresh(project, version, "project_phase")
    before = {"phase": project.phase, "since": changes[0].since.isoformat() if changes else ""}
    is_latest = not changes or since >= changes[0].since
    if changes and changes[0].phase == phase:
        _correct(changes[0], changes[1:], since, note)
        verb = "project_phase_dated"
    elif not is_latest and (same := next((row for row in changes if row.phase == phase), None)):
        _correct(same, [], since, note)
        verb = "project_phase_dated"
    else:
        PhaseChange.objects.create(project=project, phase=phase, since=since, note=note, by=by)
        verb = f"project_phase_{phase}" if is_latest else "project_phase_dated"
        project.phase = phase if is_latest else project.phase
    saved = _save(project, {"phase": project.phase}, True)
    shows = [*regions.of_board(saved, listed=True), *regions.of_group_work(saved.group_id)]
    params = {"before": before, "phase": phase, "date": since.isoformat(), "note": note}
    return _recorded(saved, verb, by, shows, shown=("profile", "reuse", "towns"), **params)


def _correct(change: PhaseChange, earlier: list[PhaseChange], since: date, note: str) -> None:
    if earlier and since < earlier[0].since:
        words = {"phase": earlier[0].get_phase_display(), "day": date_format(earlier[0].since, "SHORT_DATE_FORMAT")}
        why = _("Before this it was in the phase “%(phase)s”, since %(day)s. Choose that day or a later one.")
        raise Refused(why % words)
    change.since, change.note = since, note
    change.save(update_fields=["since", "note"])


@transaction.atomic
def add_block(*, network: Network, name: str, by: Membership, request_id: UUID | None = None) -> TopicBlock | Block:
    """Add a topic block to those of the network and return it; one of that name that is there already is returned."""
    network = Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    need(by.network_id == network.pk and rules.may_add_block(by))
    name = " ".join(name.split())
    folded = name.casefold()
    if there := next((block for block in Block if folded in (block.label.casefold(), block.value)), None):
        return there
    blocks = list(TopicBlock.objects.filter(network=network))
    if twin := next((block for block in blocks if block.name.casefold() == folded), None):
        return twin
    need_new_form(TopicBlock, request_id)
    if len(blocks) >= MOST_BLOCKS:
        raise Refused(_("There are %(count)s topic blocks already. Use one of them.") % {"count": len(blocks)})
    code = _free_code(name, {*Block.values, *(block.code for block in blocks)})
    block = TopicBlock.objects.create(network=network, code=code, name=name, request_id=request_id)
    shows = [regions.region_id("board", network.pk), regions.region_id("board-of", network.pk)]
    record(network, verb="block_added", actor=by, obj=block, regions=shows, params={"name": name})
    return block


def _free_code(name: str, taken: set[str]) -> str:
    """Return a code made of the name that no other block has."""
    stem = slugify(name)[:32].strip("-") or "block"
    codes = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(code for code in codes if code not in taken)


def locked_project(project: Project) -> Project:
    """Return the project as it is now, locked until the end of the transaction.

    A row that had to be waited for comes with the joined rows of before the wait: only what never changes is joined.
    """
    rows = Project.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("network", "created_by__municipality").get(pk=project.pk)


def need_open(project: Project) -> None:
    """Raise Refused where the project was joined to another one: nothing is written into it any more."""
    if project.joined_to:
        raise Refused(_("This project was joined to “%(title)s”. Go on there.") % {"title": project.joined_to.title})


def _need_editor(project: Project, by: Membership) -> None:
    need(by.network_id == project.network_id and rules.may_edit_project(by, editor_towns(project)))
    need_open(project)


def _need_fresh(project: Project, version: int, verb: str) -> None:
    """Raise Stale where somebody did this (verbs that begin so) after the version that the form shows."""
    changes = Change.objects.filter(verb__startswith=verb, object_type="project", object_id=project.pk)
    latest = changes.order_by("-version").first()
    was_changed = latest is not None and int(latest.params.get("version") or 0) > version
    if not 0 < version <= project.version or was_changed:
        project.ozg_ids = services_of(project.pk)  # type: ignore[attr-defined]  # what the form calls them
        raise Stale(project, latest.actor_name if latest and was_changed else "")


def _values(project: Project, part: str) -> dict[str, Any]:
    return {n: services_of(project.pk) if n == "ozg_ids" else getattr(project, n) for n in PARTS[part]}


def _check(network: Network, project: Project | None, values: dict[str, Any]) -> None:
    """Raise Refused where a value that is new does not belong to the network."""
    if values.get("block") and values["block"] not in blocks_of(network.pk):
        raise Refused(_("This topic block does not exist in this network. Choose another one."))
    group = values.get("group")
    if group and (group.network_id != network.pk or group.state == Group.State.CLOSED):
        raise Refused(_("The group “%(group)s” was closed. Choose another one.") % {"group": group})
    contact = values.get("contact")
    if contact and not open_members(network).filter(pk=contact.pk).exists():
        raise Refused(_("%(person)s does not belong to this network any more.") % {"person": contact.person})
    ids = values.get("ozg_ids") or ()
    if len(ids) > MOST_SERVICES:
        raise Refused(_("At most %(count)s online services per project.") % {"count": MOST_SERVICES})
    if any(ozg_id not in ozg.catalogue() for ozg_id in ids):
        raise Refused(_("One of these online services is not in the OZG catalogue."))


def _not_in_future(day: date) -> date:
    if day > timezone.localdate():
        raise Refused(_("A phase begins today or began earlier. Enter it when it has come."))
    return day


def _set_services(project: Project, ozg_ids: Iterable[int]) -> None:
    wanted = set(ozg_ids)
    project.services.exclude(ozg_id__in=wanted).delete()
    ProjectService.objects.bulk_create(
        [ProjectService(project=project, ozg_id=ozg_id) for ozg_id in sorted(wanted)], ignore_conflicts=True
    )


def _snapshot(value: Any) -> Any:
    """Return a value as the log keeps it: names and numbers, never a reference to what may change."""
    if isinstance(value, models.Model):
        return str(value)
    return value if isinstance(value, int | list | None) else str(value)


def _save(project: Project, values: dict[str, Any], is_on_board: bool) -> Project:
    for name, value in values.items():
        setattr(project, name, value)
    project.version += 1
    more = ["changed_at"] if is_on_board else []
    project.changed_at = timezone.now() if is_on_board else project.changed_at
    project.save(update_fields=[*values, "version", *more])
    return project


def _recorded(
    project: Project, verb: str, by: Membership, also: Iterable[str], *, shown: Iterable[str], **params: Any
) -> Project:
    """Record what happened; `shown` names the regions of the project's page that show it, `also` those elsewhere."""
    told = {"title": project.title, "town": by.acts_for or by.person.name, "version": project.version}
    where = [*regions.of_project(project, *shown), *also]
    index.put(*project_entries(project))
    record(project.network, verb=verb, actor=by, obj=project, regions=where, params={**told, **params})
    return project
