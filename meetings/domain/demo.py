"""Demo meetings: three that took place and the next ones, made with the same functions that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from collab.live.log import version_of
from collab.live.models import Change
from collab.network.models import Membership, Municipality, Network
from meetings.models import AgendaItem, Decision, Kind, Meeting
from meetings.queries.closing import review_of
from meetings.recurrence import Frequency, Rule, occurrences_between
from workgroups.domain.action_item import change_state
from workgroups.models import ActionItem, Group, Project

from . import room, schedule
from .agenda import accept_item, propose_item
from .closing import close_meeting
from .decision import record_decision
from .demo_presence import answer_for_some, record_attendance
from .demo_records import approve_last, fill_records, write_minutes
from .demo_talk import date_back_reports, hold_round, prepare_round
from .recording import record_action
from .review import check_action
from .series import create_series, extend
from .template import Line

BERLIN = ZoneInfo("Europe/Berlin")
LARGE_TOWNS = ("Offenburg", "Lahr/Schwarzwald", "Kehl", "Achern", "Oberkirch")
AGENDA = [
    Line(title="Begrüßung und Beschlussfähigkeit", minutes=5),
    Line(title="Genehmigung des letzten Protokolls", kind=Kind.APPROVAL, minutes=5),
    Line(title="Stand der Aufgaben", kind=Kind.ACTIONS, minutes=10),
    Line(title="Blitzlicht aus den Kommunen", kind=Kind.ROUND, minutes=25),
    Line(title="Verschiedenes", kind=Kind.DISCUSSION, minutes=10),
]
# What earlier meetings dealt with: (title, kind, minutes, town, notes, decision, (action item, town, days)).
PAST: list[list[tuple]] = [
    [
        (
            "Online-Terminvergabe: Erfahrungen aus Kehl",
            Kind.REPORT,
            15,
            "Kehl",
            "Kehl setzt die Terminvergabe im Bürgerbüro ein. Rückfragen der Kommunen zu Schnittstellen und Schulung.",
            None,
            ("Leitfaden zur Einführung der Online-Terminvergabe bereitstellen", "Kehl", 45),
        ),
        (
            "Gemeinsame Ablage für Erfahrungsberichte",
            Kind.DECISION,
            15,
            "Achern",
            "",
            (
                "Das Netzwerk legt Erfahrungsberichte zu Projekten einheitlich und für alle Mitglieder zugänglich ab.",
                None,
            ),
            ("Vorlage für Erfahrungsberichte entwerfen", "Achern", 30),
        ),
    ],
    [
        (
            "E-Akte: Stand in Achern",
            Kind.REPORT,
            20,
            "Achern",
            "Achern berichtet über die Einführung der E-Akte. Interesse an einer Vertiefung besteht.",
            None,
            ("Einladung zu einem Vor-Ort-Termin zur E-Akte verschicken", "Achern", 60),
        ),
        (
            "Open Source bei Neubeschaffungen",
            Kind.DECISION,
            20,
            "Offenburg",
            "Aussprache über Vorlagen für Ausschreibungen.",
            (
                "Bei Neubeschaffungen prüfen die Mitglieder zuerst, ob eine Open-Source-Lösung in Frage kommt.",
                (18, 1, 2),
            ),
            None,
        ),
    ],
    [
        (
            "Familienwegweiser: Nachnutzung",
            Kind.DISCUSSION,
            20,
            "Offenburg",
            "Offenburg stellt den Familienwegweiser vor und bietet Unterstützung beim Start an.",
            None,
            ("Bedarf am Familienwegweiser bei allen Kommunen abfragen", "Offenburg", 20),
        ),
        (
            "Termin der Jahreskonferenz",
            Kind.DECISION,
            10,
            None,
            "",
            ("Die Jahreskonferenz findet im Herbst des nächsten Jahres statt; der zweite Tag ist öffentlich.", None),
            ("Räume für die Jahreskonferenz anfragen", "Lahr/Schwarzwald", 75),
        ),
    ],
]


def fill(*, network: Network, group: Group, guides: Group, by: Membership, today: date | None = None) -> None:
    """Give a network of the demo its meetings: Ortenau Digital a lively past, the other one a fresh start."""
    today = today or timezone.localdate()
    since = _jour_fixe(network, group, by, today) if network.slug == "ortenau" else version_of(network.pk)
    schedule.add_meeting(
        group=guides if network.slug == "ortenau" else group,
        title="Austausch der Digitallots:innen" if network.slug == "ortenau" else "Sitzung der Fachgruppe",
        date=today + timedelta(days=17),
        start_time=time(14),
        minutes=60,
        place="",
        host=None,
        video_link="https://video.example/austausch",
        by=by,
    )
    if network.slug == "ortenau":
        fill_records(network=network, group=group, by=by)
    yesterday = timezone.localtime(timezone.now() - timedelta(hours=28))
    _date_back(network, since, yesterday.date(), yesterday.time())


def _jour_fixe(network: Network, group: Group, by: Membership, today: date) -> int:
    """Hold three meetings and prepare the next; returns the log's version after those that took place."""
    rule = Rule(frequency=Frequency.MONTHLY_WEEKDAY, starts_on=today - timedelta(days=100), weekday=3, nth=3)
    past = occurrences_between(rule, rule.starts_on, today - timedelta(days=1))[-3:]
    rule = Rule(frequency=Frequency.MONTHLY_WEEKDAY, starts_on=past[0], weekday=3, nth=3)
    hosts = _towns(network, LARGE_TOWNS)
    before = past[0] - timedelta(days=30)
    series = create_series(
        group=group,
        title="Jour fixe",
        rule=rule,
        start_time=time(9, 30),
        minutes=90,
        place="Rathaus, Großer Sitzungssaal",
        video_link="https://video.example/jour-fixe",
        hosts=hosts,
        template=AGENDA,
        today=before,
        by=by,
    )
    _date_back(network, 0, before, time(10))
    meetings = list(series.meetings.order_by("date"))
    for turn, (meeting, items) in enumerate(zip(meetings, PAST, strict=False)):
        _hold(meeting, items, turn, by)
        record_attendance(Meeting.objects.select_related("network", "group").get(pk=meeting.pk), turn)
        since = version_of(network.pk)
        write_minutes(meeting=meeting, by=by)
        _date_back(network, since, meeting.date + timedelta(days=6), time(11))
    since = version_of(network.pk)
    extend(series=series, today=today, by=by)
    _prepare(meetings[len(past)], by)
    answer_for_some(meetings[len(past)])
    prepare_round(meetings[len(past)])
    if guest := _guest(network):
        schedule.invite_guest(meeting=meetings[len(past)], guest=guest, by=by)
    _settle_some(network)
    return since


def _towns(network: Network, names: tuple[str, ...]) -> list[Municipality]:
    towns = {a.municipality.short_name: a.municipality for a in network.accessions.select_related("municipality")}
    return [towns[name] for name in names if name in towns]


def _guest(network: Network) -> Membership | None:
    return network.memberships.filter(role="guest", ended_on=None).first()


def _officer(network: Network, town: str | None) -> Membership | None:
    return network.memberships.filter(role="officer", municipality__short_name=town, ended_on=None).first()


def _hold(meeting: Meeting, items: list[tuple], turn: int, by: Membership) -> None:
    """Let a meeting take place as it did: open, treat each item, close; then date it back to its own day."""
    since = version_of(meeting.network_id)
    for title, kind, minutes, town, _notes, _decision, _action in items:
        officer = _officer(meeting.network, town)
        item = propose_item(
            meeting=meeting,
            project=_project(meeting.network, title),
            title=title,
            kind=kind,
            minutes=minutes,
            municipality=officer.municipality if officer else None,
            presenter=officer.person.name if officer else "",
            text="",
            links=[],
            by=officer or by,
        )
        if officer:
            accept_item(item=item, by=by)
    room.open_meeting(meeting=meeting, by=by)
    Meeting.objects.filter(pk=meeting.pk).update(opened_at=meeting.starts_at)
    for title, *_rest, notes, decision, action in items:
        _treat(meeting, AgendaItem.objects.get(meeting=meeting, title=title), notes, decision, action, by)
    hold_round(meeting, turn, by)
    approve_last(meeting=Meeting.objects.select_related("network", "group").get(pk=meeting.pk), by=by)
    while (meeting := Meeting.objects.get(pk=meeting.pk)).active_item_id:
        room.next_item(meeting=meeting, expected=meeting.active_item_id, by=by)
    _review(meeting, by)
    close_meeting(meeting=meeting, by=by)
    _date_back(meeting.network, since, meeting.date, meeting.start_time)
    _times_back(meeting)


def _review(meeting: Meeting, by: Membership) -> None:
    """What earlier meetings agreed on came up, and stays open."""
    item = AgendaItem.objects.get(meeting=meeting, kind=Kind.ACTIONS)
    for action in [row.action for row in review_of(item).rows]:
        check_action(item=item, action=action, outcome="stays", by=by)


def _treat(
    meeting: Meeting, item: AgendaItem, notes: str, decision: tuple | None, action: tuple | None, by: Membership
) -> None:
    meeting.refresh_from_db()
    room.activate_item(item=item, expected=meeting.active_item_id, by=by)
    if notes:
        room.save_notes(item=item, notes=notes, version=item.notes_version, by=by)
    if decision:
        wording, votes = decision
        yes, no, abstain = votes or (None, None, None)
        mode = Decision.Mode.COUNTED if votes else Decision.Mode.UNANIMOUS
        record_decision(item=item, wording=wording, mode=mode, yes=yes, no=no, abstain=abstain, by=by)
    if action:
        title, town, days = action
        officer = _officer(meeting.network, town)
        record_action(
            item=item,
            title=title,
            municipality=officer.municipality if officer else None,
            person=officer,
            due_on=meeting.date + timedelta(days=days),
            note="",
            by=by,
        )


def _date_back(network: Network, since: int, day: date, at: time) -> None:
    """Spread the changes made just now over the day they stand for; none is later than now."""
    moment, now = datetime.combine(day, at, BERLIN), timezone.now()
    changes = list(Change.objects.filter(network=network, version__gt=since).order_by("version"))
    for minute, change in enumerate(changes):
        change.at = min(moment + timedelta(minutes=min(minute * 3, 85)), now)
    Change.objects.bulk_update(changes, ["at"])


def _times_back(meeting: Meeting) -> None:
    moment = meeting.starts_at
    Meeting.objects.filter(pk=meeting.pk).update(opened_at=moment, closed_at=meeting.ends_at)
    treated = list(AgendaItem.objects.filter(meeting=meeting, started_at__isnull=False).order_by("position"))
    for item in treated:
        item.started_at, item.seconds_used = moment, item.minutes * 60
        moment += timedelta(minutes=item.minutes)
        item.finished_at = moment
    AgendaItem.objects.bulk_update(treated, ["started_at", "finished_at", "seconds_used"])
    date_back_reports(meeting)
    Decision.objects.filter(meeting=meeting).update(recorded_at=moment)
    ActionItem.objects.filter(recorded__item__meeting=meeting).update(created_at=moment)


def _prepare(meeting: Meeting, by: Membership) -> None:
    """Fill the agenda of the next meeting: one item from the chair, proposals of two towns, one accepted."""
    propose: Callable[..., AgendaItem] = propose_item
    propose(
        meeting=meeting,
        project=_project(meeting.network, "Kita-Info-App"),
        title="Kita-Info-App: gemeinsame Einführung?",
        kind=Kind.DISCUSSION,
        minutes=20,
        municipality=_municipality(meeting.network, "Kehl"),
        presenter="Digitalisierungsbeauftragte Kehl",
        text="Kehl hat die App im Einsatz. Frage an alle: Wer möchte sie nachnutzen, und was braucht es dafür?",
        links=[],
        by=by,
    )
    for town, title, kind in (
        ("Durbach", "E-Payment im kleinen Rathaus", Kind.DISCUSSION),
        ("Achern", "Schulungen für Digitallotsinnen und Digitallotsen", Kind.DECISION),
    ):
        if officer := _officer(meeting.network, town):
            propose(
                meeting=meeting,
                project=_project(meeting.network, title),
                title=title,
                kind=kind,
                minutes=15,
                municipality=officer.municipality,
                presenter=officer.person.name,
                text="",
                links=[],
                by=officer,
            )


def _municipality(network: Network, name: str) -> Municipality | None:
    return next(iter(_towns(network, (name,))), None)


def _project(network: Network, title: str) -> Project | None:
    """Return the project that an agenda item of this title is about."""
    projects = Project.objects.filter(network=network).order_by("pk")
    return next((project for project in projects if title.startswith(project.title)), None)


def _settle_some(network: Network) -> None:
    """One action item is done, one under way, so that the log shows every state."""
    for title, state, note in (
        (
            "Vorlage für Erfahrungsberichte entwerfen",
            ActionItem.State.DONE,
            "Die Vorlage liegt in der gemeinsamen Ablage.",
        ),
        (
            "Leitfaden zur Einführung der Online-Terminvergabe bereitstellen",
            ActionItem.State.IN_PROGRESS,
            "Entwurf ist in Arbeit.",
        ),
    ):
        action = ActionItem.objects.filter(network=network, title=title).select_related("person").first()
        if action and action.person:
            change_state(action=action, state=state, note=note, version=action.version, by=action.person)
