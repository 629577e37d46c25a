"""What changed in a town's projects and action items since the last meeting: the beginning of its report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.models import AgendaItem, Meeting
from workgroups.models import ActionItem, ExperienceReport, Involvement, PhaseChange, Reuse

# Where a group meets for the first time, its towns tell of the last weeks.
WITHOUT_EARLIER = timedelta(weeks=8)
# What a report's first field holds (Report.news).
LONGEST = 2000
Role = Involvement.Role


@dataclass(frozen=True)
class News:
    """One line for each thing that happened, ready to be edited, and since when they are told."""

    lines: list[str]
    since: datetime

    @property
    def text(self) -> str:
        """The lines as one text, as many as a report can hold."""
        text = ""
        for line in self.lines:
            longer = f"{text}\n{line}" if text else line
            if len(longer) > LONGEST:
                break
            text = longer
        return text


def news_of(item: AgendaItem, ags: str) -> News:
    """Return what is new with the town of that key since the meeting before this one; six queries at most."""
    since = _last_time(item.meeting)
    network = item.meeting.network_id
    return News([*_of_projects(network, ags, since), *_of_actions(network, ags, since)], since)


def _last_time(meeting: Meeting) -> datetime:
    """Return when the last meeting of the same series (else of the group) was closed."""
    closed = Meeting.objects.filter(group=meeting.group_id, state=Meeting.State.CLOSED, closed_at__isnull=False)
    closed = closed.exclude(pk=meeting.pk).filter(date__lte=meeting.date).order_by("-date", "-closed_at")
    in_series = closed.filter(series=meeting.series_id).first() if meeting.series_id else None
    last = in_series or closed.first()
    return last.closed_at if last and last.closed_at else timezone.now() - WITHOUT_EARLIER


def _of_projects(network_id: int, ags: str, since: datetime) -> Iterator[str]:
    ours = Involvement.objects.filter(municipality=ags, until=None, project__network=network_id)
    recent = Involvement.objects.filter(project__network=network_id).filter(
        Q(began_at__gt=since) | Q(ended_at__gt=since)
    )
    led = ours.filter(role=Role.LEAD).values("project")
    told = recent.filter(Q(municipality=ags) | Q(project__in=led, until=None)).order_by("began_at", "pk")
    parts = list(told.select_related("project__joined_to", "municipality"))
    # Who took another role ended a part, too, and is involved all the same.
    go_on = {part.project_id for part in parts if part.municipality_id == ags and part.until is None}
    ended = [part for part in parts if part.until is not None]
    lines = [_of_part(part, ags) for part in parts if part not in ended or part.project_id not in go_on]
    yield from dict.fromkeys(filter(None, lines))
    worked_on = ours.filter(role__in=(Role.LEAD, Role.CONTRIBUTOR)).values("project")
    for change in PhaseChange.objects.filter(project__in=worked_on, at__gt=since).select_related("project"):
        yield _("“%(project)s”: %(phase)s") % {"project": change.project, "phase": change.get_phase_display()}
    reports = ExperienceReport.objects.filter(municipality=ags, project__network=network_id, written_at__gt=since)
    for title in dict.fromkeys(reports.order_by("written_at").values_list("project__title", flat=True)):
        yield _("“%(project)s”: our experience report is there") % {"project": title}
    reuses = Reuse.objects.filter(involvement__in=ours, changed_at__gt=since).select_related("involvement__project")
    for reuse in reuses:
        names = {"project": reuse.involvement.project, "state": reuse.get_state_display()}
        yield _("Reuse of “%(project)s”: %(state)s") % names


def _of_part(part: Involvement, ags: str) -> str:
    names = {"project": part.project.title, "town": part.municipality.short_name}
    if part.municipality_id != ags:
        other = {
            Role.REUSER: _("%(town)s reuses our project “%(project)s”"),
            Role.CONTRIBUTOR: _("%(town)s contributes to our project “%(project)s”"),
        }.get(Role(part.role), "")
        return other % names
    if part.until is not None and part.project.joined_to:
        return _("“%(title)s” goes on in “%(into)s”") % {"title": part.project, "into": part.project.joined_to}
    if part.until is not None:
        return _("No longer involved in “%(project)s”") % names if part.role != Role.INTERESTED else ""
    own = {
        Role.LEAD: _("We took the lead of “%(project)s”"),
        Role.CONTRIBUTOR: _("We contribute to “%(project)s”"),
        Role.REUSER: _("We reuse “%(project)s”"),
        Role.INTERESTED: _("We are interested in “%(project)s”"),
    }[Role(part.role)]
    return own % names


def _of_actions(network_id: int, ags: str, since: datetime) -> Iterator[str]:
    finished = Q(state=ActionItem.State.DONE, finished_at__gt=since)
    going_on = Q(state=ActionItem.State.IN_PROGRESS) | Q(state=ActionItem.State.OPEN, due_on__lt=timezone.localdate())
    actions = ActionItem.objects.filter(finished | going_on, network=network_id, municipality=ags)
    for action in actions.order_by("due_on", "pk"):
        if action.state == ActionItem.State.DONE:
            yield _("Done: %(title)s") % {"title": action.title}
        elif action.due_on and action.is_overdue():
            due = date_format(action.due_on, "SHORT_DATE_FORMAT")
            yield _("Overdue since %(date)s: %(title)s") % {"date": due, "title": action.title}
        else:
            yield _("In progress: %(title)s") % {"title": action.title}
