"""Taking over what another town has: the checklist, the start, the result. Only the town's own people write it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality
from workgroups import rules
from workgroups.domain.project import locked_project
from workgroups.models import ExperienceReport, Involvement, Project, Reuse, ReuseStep
from workgroups.queries.experience import leading_town, missing_steps, newest_report, sources_for, step_texts

from .regions import of_board, of_project

State = Reuse.State
MOST_STEPS = 100
VERBS = {
    State.PLANNED: "reuse_changed",
    State.STARTED: "reuse_started",
    State.RUNNING: "reuse_running",
    State.GIVEN_UP: "reuse_given_up",
}


@transaction.atomic
def begin_reuse(*, involvement: Involvement, by: Membership) -> Reuse:
    """Make the checklist of a town that reuses a project, from the newest experience report, and return its reuse (the
    one that is there when asked twice).
    """
    project = locked_project(Project(pk=involvement.project_id))
    parts = Involvement.objects.select_for_update(of=("self",), no_key=True).select_related("municipality")
    part = parts.get(pk=involvement.pk)
    need(by.network_id == project.network_id and rules.may_work_for(by, [part.municipality_id]))
    if reuse := Reuse.objects.filter(involvement=part).first():
        return reuse
    if part.role != Involvement.Role.REUSER or part.until is not None:
        raise Refused(_("Your municipality does not reuse this project any more. Take it on for reuse first."))
    report = newest_report(project.pk)
    source = leading_town(project.pk) or (report.municipality if report else None)
    source = None if source is None or source.pk == part.municipality_id else source
    reuse = Reuse.objects.create(involvement=part, taken_from=source)
    _add(reuse, report.steps[:MOST_STEPS] if report else [], report)
    regions = [region_id("reuse", reuse.pk), *of_project(project, "reuse")]
    record(project.network, verb="reuse_begun", actor=by, obj=reuse, regions=regions, params=_told(reuse, project))
    return reuse


@transaction.atomic
def save_reuse(
    *,
    reuse: Reuse,
    taken_from: Municipality | None,
    state: str,
    started_on: date | None,
    result: str,
    version: int,
    by: Membership,
) -> Reuse:
    """Record from whom the town took it over, how far it is and with what result; raises Stale where somebody else of
    it changed that since `version`. What has started without a day started today.
    """
    project = locked_project(Project(pk=reuse.involvement.project_id))
    reuse = _locked(reuse)
    need(rules.may_work_for(by, [reuse.involvement.municipality_id]))
    today = timezone.localdate()
    has_started = state in (State.STARTED, State.RUNNING)
    if has_started and not started_on:
        started_on = reuse.started_on or today
    wanted: dict[str, Any] = {"taken_from": taken_from, "state": State(state), "started_on": started_on}
    wanted["result"] = result
    if all(getattr(reuse, name) == value for name, value in wanted.items()):
        return reuse
    if reuse.version != version:
        raise Stale(reuse, last_actor(reuse))
    _need_open(reuse)
    if taken_from and not sources_for(reuse).filter(pk=taken_from.pk).exists():
        raise Refused(_("%(town)s has no part in this project. Choose another one, or none.") % {"town": taken_from})
    if has_started and started_on and started_on > today:
        raise Refused(_("A start in the future is still being prepared. Choose that state, or an earlier day."))
    _need_no_ring(project, reuse, taken_from)
    verb = VERBS[State(state)] if state != reuse.state else "reuse_changed"
    for name, value in wanted.items():
        setattr(reuse, name, value)
    reuse.version += 1
    reuse.save()
    shows = [region_id("reuse", reuse.pk), *of_project(project, "reuse", "towns"), *of_board(project)]
    shows += [region_id("reuse", pk) for pk in _relatives(reuse)]
    record(project.network, verb=verb, actor=by, obj=reuse, regions=shows, params=_told(reuse, project))
    return reuse


@transaction.atomic
def add_steps(*, reuse: Reuse, lines: Iterable[str], by: Membership) -> list[ReuseStep]:
    """Add own lines to the checklist and return those that were new; a line that is there is not added again."""
    reuse = _locked(reuse)
    need(rules.may_work_for(by, [reuse.involvement.municipality_id]))
    _need_open(reuse)
    wanted = step_texts(lines)
    restored = reuse.steps.filter(removed=True, text__in=wanted).update(removed=False)
    had = set(reuse.steps.values_list("text", flat=True))
    added = _add(reuse, [line for line in wanted if line not in had], None)
    return _steps_recorded(reuse, added, by) if added or restored else []


@transaction.atomic
def add_missing_steps(*, reuse: Reuse, by: Membership) -> list[ReuseStep]:
    """Add what the newest report asks for and the checklist never had; twice does nothing more."""
    reuse = _locked(reuse)
    need(rules.may_work_for(by, [reuse.involvement.municipality_id]))
    _need_open(reuse)
    report = newest_report(reuse.involvement.project_id)
    added = _add(reuse, missing_steps(reuse), report)
    return _steps_recorded(reuse, added, by) if added else []


@transaction.atomic
def tick_step(*, step: ReuseStep, is_done: bool, by: Membership) -> ReuseStep:
    """Mark a line as done today, or as open again. Twice does nothing more."""
    reuse, step = _locked_step(step, by)
    if (step.done_on is not None) == is_done:
        return step
    step.done_on, step.done_by = (timezone.localdate(), by) if is_done else (None, None)
    step.save(update_fields=["done_on", "done_by"])
    return _step_recorded(reuse, step, "reuse_step_done" if is_done else "reuse_step_open", by)


@transaction.atomic
def remove_step(*, step: ReuseStep, is_removed: bool, by: Membership) -> ReuseStep:
    """Take a line off the checklist, or put it back; it stays on record. Twice does nothing more."""
    reuse, step = _locked_step(step, by)
    if step.removed == is_removed:
        return step
    step.removed = is_removed
    step.save(update_fields=["removed"])
    return _step_recorded(reuse, step, "reuse_step_removed" if is_removed else "reuse_step_restored", by)


def _locked(reuse: Reuse) -> Reuse:
    """Return the reuse as it is now, locked; with its project and town."""
    rows = Reuse.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("involvement__project__network", "involvement__municipality").get(pk=reuse.pk)


def _locked_step(step: ReuseStep, by: Membership) -> tuple[Reuse, ReuseStep]:
    reuse = _locked(step.reuse)
    need(rules.may_work_for(by, [reuse.involvement.municipality_id]))
    _need_open(reuse)
    return reuse, reuse.steps.get(pk=step.pk)


def _need_open(reuse: Reuse) -> None:
    part = reuse.involvement
    if part.until is not None or part.role != Involvement.Role.REUSER:
        why = _("%(town)s does not reuse this project any more. What was recorded stays as it is.")
        raise Refused(why % {"town": part.municipality})


def _need_no_ring(project: Project, reuse: Reuse, taken_from: Municipality | None) -> None:
    """Raise Refused where the named town itself took it over from this one, directly or through others."""
    rows = Reuse.objects.filter(involvement__project=project, involvement__until=None).exclude(pk=reuse.pk)
    sources = dict(rows.values_list("involvement__municipality", "taken_from"))
    own, town = reuse.involvement.municipality_id, taken_from.pk if taken_from else None
    while town is not None and town != own:
        town = sources.pop(town, None)
    if town == own:
        why = _("%(town)s took it over from your municipality. Choose another one, or none.")
        raise Refused(why % {"town": taken_from})


def _add(reuse: Reuse, lines: Iterable[str], report: ExperienceReport | None) -> list[ReuseStep]:
    last = reuse.steps.aggregate(last=Max("position"))["last"] or 0
    steps = [
        ReuseStep(reuse=reuse, position=position, text=text, report=report)
        for position, text in enumerate(step_texts(lines), start=last + 1)
    ]
    if reuse.steps.count() + len(steps) > MOST_STEPS:
        raise Refused(_("A checklist has at most %(number)s steps. Summarise some of them.") % {"number": MOST_STEPS})
    return ReuseStep.objects.bulk_create(steps)


def _relatives(reuse: Reuse) -> list[int]:
    """Return the reuses of the same project: each shows from whom it is, and who has it from there."""
    others = Reuse.objects.filter(involvement__project=reuse.involvement.project_id).exclude(pk=reuse.pk)
    return list(others.values_list("pk", flat=True))


def _told(reuse: Reuse, project: Project) -> dict[str, Any]:
    source = reuse.taken_from.short_name if reuse.taken_from else ""
    town = reuse.involvement.municipality.short_name
    return {"town": town, "title": project.title, "source": source, "project": project.pk}


def _steps_recorded(reuse: Reuse, steps: list[ReuseStep], by: Membership) -> list[ReuseStep]:
    project = reuse.involvement.project
    params = {**_told(reuse, project), "reuse": reuse.pk, "number": len(steps)}
    record(project.network, verb="reuse_steps_added", actor=by, obj=reuse, regions=_of_steps(reuse), params=params)
    return steps


def _step_recorded(reuse: Reuse, step: ReuseStep, verb: str, by: Membership) -> ReuseStep:
    project = reuse.involvement.project
    params = {**_told(reuse, project), "reuse": reuse.pk, "step": step.text}
    # The step, not the reuse: a tick is no news in the history of the project.
    record(project.network, verb=verb, actor=by, obj=step, regions=_of_steps(reuse), params=params)
    return step


def _of_steps(reuse: Reuse) -> list[str]:
    return [region_id("reuse", reuse.pk), region_id("project-reuse", reuse.involvement.project_id)]
