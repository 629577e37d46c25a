"""Demo records: finalised minutes, votes by circulation, what towns made of decisions, the public pages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from collab.network.models import Membership, Network
from meetings.models import Adoption, AgendaItem, Decision, Kind, Meeting, MinutesApproval, Vote
from meetings.queries.minutes import to_approve
from meetings.queries.public_content import of_decision, seal_of
from workgroups.models import ActionItem, Group

from .adoption import say_adoption
from .approval import approve
from .carrying_out import link_action
from .circular import end_circular, open_circular
from .finalise import finalise
from .minutes import locked_minutes
from .public_site import edit_public_site, set_public_date
from .publication import publish_decision
from .voice import cast_voice

BERLIN = ZoneInfo("Europe/Berlin")
# Votes by circulation: (subject, wording, background, who does not simply say yes, how many of the towns answer).
ENDED: tuple[str, str, str, dict[str, tuple[str, str]], int] = (
    "Gemeinsame Schulungsreihe für Digitallots:innen",
    "Die Mitglieder richten eine gemeinsame Schulungsreihe für ihre Digitallotsinnen und Digitallotsen ein.",
    "Besprochen im Jour fixe; die Inhalte stimmen die Digitalisierungsbeauftragten ab.",
    {"Durbach": ("abstain", "Erst nach den Haushaltsberatungen."), "Seebach": ("no", "")},
    19,
)
RUNNING: tuple[str, str, str, dict[str, tuple[str, str]], int] = (
    "Einheitliche Vorlage für Projektsteckbriefe",
    "Die Mitglieder beschreiben ihre Digitalisierungsprojekte künftig mit einem einheitlichen Steckbrief.",
    "Der Steckbrief hält fest, was andere Kommunen für eine Nachnutzung wissen müssen.",
    {},
    9,
)


def fill_records(*, network: Network, group: Group, by: Membership) -> None:
    """Give the demo's lively network what follows from its meetings."""
    _adopt(network)
    _circulate(group, ENDED, by, ended=timezone.localdate() - timedelta(days=1))
    _circulate(group, RUNNING, by)
    _carry_out(network, by)
    _publish(network, by)


def write_minutes(*, meeting: Meeting, by: Membership) -> None:
    """Finalise the minutes of a meeting, as if six days after it, or now if that is not over yet."""
    meeting = Meeting.objects.select_related("network", "group").get(pk=meeting.pk)
    minutes = locked_minutes(meeting)
    minutes.distribution = "Digitalisierungsbeauftragte der Mitglieder\n(Ober-)Bürgermeister:innen zur Kenntnis"
    minutes.save(update_fields=["distribution"])
    at = min(datetime.combine(meeting.date + timedelta(days=6), time(11), BERLIN), timezone.now())
    finalise(minutes=minutes, version=minutes.version, by=by, at=at)


def approve_last(*, meeting: Meeting, by: Membership) -> None:
    """Approve what the running meeting has to approve, under its standing item."""
    item = AgendaItem.objects.filter(meeting=meeting, kind=Kind.APPROVAL).first()
    if item is None:
        return
    for version in to_approve(meeting):
        said = approve(version=version, item=item, by=by)
        MinutesApproval.objects.filter(pk=said.pk).update(at=meeting.starts_at, on=meeting.date)


def _officer(network: Network, town: str) -> Membership | None:
    return network.memberships.filter(role="officer", municipality__short_name=town, ended_on=None).first()


def _adopt(network: Network) -> None:
    decision = Decision.objects.filter(network=network, subject__startswith="Open Source").first()
    if decision is None:
        return
    soon = timezone.localdate() + timedelta(days=60)
    for town, state, on, word in (
        ("Kehl", "adopted", decision.decided_on + timedelta(days=20), ""),
        ("Achern", "planned", soon, ""),
        ("Durbach", "declined", None, "Wir beschaffen über den Zweckverband."),
    ):
        officer = _officer(network, town)
        if officer and officer.municipality:
            line = say_adoption(
                decision=decision,
                municipality=officer.municipality,
                state=state,
                on=on,
                word=word,
                paper="",
                paper_link="",
                version=0,
                by=officer,
            )
            said = datetime.combine(decision.decided_on + timedelta(days=21), time(15), BERLIN)
            Adoption.objects.filter(pk=line.pk).update(said_at=min(said, timezone.now()))


def _circulate(group: Group, what: tuple, by: Membership, ended: date | None = None) -> None:
    """Put a proposal to the towns and let some answer; with `ended` it is over since that day."""
    subject, text, background, others, count = what
    vote = open_circular(group=group, subject=subject, text=text, background=background, by=by)
    officers = group.network.memberships.filter(role="officer", ended_on=None).select_related("municipality", "person")
    # Kehl is left to whoever looks at the demo, as long as the vote runs.
    officers = officers.exclude(municipality__short_name="" if ended else "Kehl").order_by("municipality__sort_key")
    for officer in officers[:count]:
        if officer.municipality:
            answer, reason = others.get(officer.municipality.short_name, ("yes", ""))
            cast_voice(vote=vote, municipality=officer.municipality, answer=answer, reason=reason, by=officer)
    if ended:
        ends_at = datetime.combine(ended, time(18), BERLIN)
        began = ends_at - timedelta(days=14)
        Vote.objects.filter(pk=vote.pk).update(opened_at=began, deadline_on=ended, ends_at=ends_at)
        vote.voices.update(at=began + timedelta(days=3))
        vote.roll.update(told_at=began, reminded_at=ends_at - timedelta(days=2), result_told_at=ends_at)
        end_circular(vote=vote)
        Vote.objects.filter(pk=vote.pk).update(closed_at=ends_at)
        Decision.objects.filter(vote=vote).update(recorded_at=ends_at)


def _carry_out(network: Network, by: Membership) -> None:
    decision = Decision.objects.filter(network=network, subject__startswith="Gemeinsame Ablage").first()
    action = ActionItem.objects.filter(network=network, title__startswith="Vorlage für Erfahrungsberichte").first()
    if decision and action:
        link_action(decision=decision, action=action, by=by)


def _publish(network: Network, by: Membership) -> None:
    intro = "Was die Mitglieder des Netzwerks gemeinsam beschlossen haben, und wer welches Projekt übernommen hat."
    edit_public_site(version=1, by=by, is_open=True, intro=intro)
    if decision := Decision.objects.filter(network=network, subject__startswith="Open Source").first():
        publish_decision(decision=decision, seal=seal_of(of_decision(decision)), by=by)
    for meeting in Meeting.objects.filter(network=network, state="planned").order_by("date")[:1]:
        set_public_date(meeting=meeting, is_public=True, by=by)
