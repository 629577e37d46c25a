"""Demo projects: those that the towns themselves have named, with the profile left open where nothing is known.

Sources: the towns' own pages and press reports on Ortenau Digital and Digital Regional (2019 to 2021). That a town
leads what it named, in which phase it is, the parts of Lahr and Durbach, and the question are the demo's own.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from collab.live.log import version_of
from collab.live.models import Change
from collab.network.models import Membership, Network
from workgroups.models import Block, Involvement, PhaseChange, Project, Question

from .involvement import take_on
from .project import add_project
from .question import ask_question

BERLIN = ZoneInfo("Europe/Berlin")
Phase, Role = Project.Phase, Involvement.Role
# title, town that leads, topic block, phase
ORTENAU = (
    ("E-Akte", "Achern", Block.ADMINISTRATION, Phase.PILOT),
    ("Geographisches Informationssystem", "Achern", Block.INFRASTRUCTURE, Phase.PLANNING),
    ("Online-Terminvergabe", "Kehl", Block.ADMINISTRATION, Phase.OPERATION),
    ("E-Payment", "Kehl", Block.ADMINISTRATION, Phase.PLANNING),
    ("Kita-Info-App", "Kehl", Block.ADMINISTRATION, Phase.OPERATION),
    ("Belegung der Wohnmobilstellplätze", "Lahr/Schwarzwald", "", Phase.PLANNING),
    ("Digitale Berufsmesse", "Oberkirch", "", Phase.PLANNING),
    ("Familienwegweiser", "Offenburg", Block.ADMINISTRATION, Phase.OPERATION),
)
# title, town, part, hours ago
PARTS = (
    ("E-Payment", "Durbach", Role.INTERESTED, 26),
    ("Online-Terminvergabe", "Lahr/Schwarzwald", Role.REUSER, 2),
)
REGIONAL = (
    ("E-Akte", Block.ADMINISTRATION),
    ("E-Postfach", Block.ADMINISTRATION),
    ("E-Payment", Block.ADMINISTRATION),
    ("E-Mobilität", Block.INFRASTRUCTURE),
    ("Parken", Block.INFRASTRUCTURE),
)


def fill(*, network: Network, by: Membership, today: date | None = None) -> None:
    """Give a network of the demo its projects; those of Digital Regional wait for a lead."""
    today = today or timezone.localdate()
    if network.slug == "ortenau":
        _ortenau(network, today)
    else:
        since = version_of(network.pk)
        for title, block in REGIONAL:
            add_project(network=network, title=title, block=block, since=today - timedelta(days=30), by=by)
        _date_back(network, since, _morning(today - timedelta(days=30)))


def _ortenau(network: Network, today: date) -> None:
    officers = _officers(network)
    for number, (title, town, block, phase) in enumerate(ORTENAU):
        day, since = today - timedelta(days=120 - number), version_of(network.pk)
        project = add_project(network=network, title=title, block=block, phase=phase, since=day, by=officers[town])
        take_on(project=project, role=Role.LEAD, since=day, by=officers[town])
        _date_back(network, since, _morning(day))


def go_on(*, network: Network) -> None:
    """Let some towns take part in the last days: what the board's newest entries tell."""
    if network.slug != "ortenau":
        return
    officers = _officers(network)
    for title, town, role, hours in PARTS:
        at, since = timezone.now() - timedelta(hours=hours), version_of(network.pk)
        project = Project.objects.get(network=network, title=title)
        take_on(project=project, role=role, since=timezone.localdate(at), by=officers[town])
        _date_back(network, since, at)
    _ask(network)


def _ask(network: Network) -> None:
    """A guide asks those who have the project."""
    guide = network.memberships.filter(role="guide", ended_on=None, municipality__short_name="Oberkirch").first()
    if guide is None:
        return
    at, since = timezone.now() - timedelta(hours=1), version_of(network.pk)
    question = ask_question(
        network=network,
        title="Wie haben Sie die Beschäftigten auf die Online-Terminvergabe vorbereitet?",
        text="Wir überlegen, ob eine Schulung nötig ist oder ein Merkblatt genügt.",
        block="",
        project=Project.objects.get(network=network, title="Online-Terminvergabe"),
        by=guide,
    )
    _date_back(network, since, at)
    Question.objects.filter(pk=question.pk).update(asked_at=at)


def _officers(network: Network) -> dict[str, Membership]:
    rows = network.memberships.filter(role="officer", ended_on=None).select_related("municipality", "network")
    return {member.municipality.short_name: member for member in rows if member.municipality}


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), BERLIN)


def _date_back(network: Network, since: int, at: datetime) -> None:
    """Let what was done just now have happened at that moment."""
    changes = list(Change.objects.filter(network=network, version__gt=since))
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(at=at)
    of = {kind: [c.object_id for c in changes if c.object_type == kind] for kind in ("project", "involvement")}
    Involvement.objects.filter(pk__in=of["involvement"]).update(began_at=at)
    parts = Involvement.objects.filter(pk__in=of["involvement"]).values_list("project", flat=True)
    touched = {*of["project"], *parts}
    PhaseChange.objects.filter(project__in=of["project"]).update(at=at)
    Project.objects.filter(pk__in=of["project"]).update(created_at=at)
    Project.objects.filter(pk__in=touched).update(changed_at=at)
