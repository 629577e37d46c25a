"""Casting the voice of a municipality, in the room and by circulation."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import Voice, Vote
from meetings.queries.vote import is_on_roll, sits_at_table, voice_now

from .circular import of_towns_asked
from .roll import locked_vote, of_progress

Answer = Voice.Answer
# What can be said. By circulation an objection is one to the procedure: another domain function's.
ANSWERS = {
    Vote.Kind.OPEN: (Answer.YES, Answer.NO, Answer.ABSTAIN),
    Vote.Kind.CIRCULAR: (Answer.YES, Answer.NO, Answer.ABSTAIN),
    # Yes means that there is no objection.
    Vote.Kind.CONSENT: (Answer.YES, Answer.ABSTAIN, Answer.OBJECT),
}


class VoiceNow:
    """What somebody else of the same town said meanwhile, as a conflict in the form shows it."""

    def __init__(self, voice: Voice) -> None:
        self.answer, self.reason, self.version = voice.answer, voice.reason, voice.pk


@transaction.atomic
def cast_voice(
    *,
    vote: Vote,
    municipality: Municipality,
    answer: str,
    reason: str = "",
    by: Membership,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Voice:
    """Cast the municipality's voice and return the one that counts now; what was said before is replaced, and kept.

    A deputy's voice never replaces the member's own, nor a proxy's the deputy's, whichever came first: raises Refused.
    So it does once the vote is over, where the town has no voice in it, and for an answer that cannot be. The same
    answer with the same reason once more changes nothing. `version` is the key of the voice that the person saw (0:
    none, None: does not matter): raises Stale where somebody else has cast another one in the same capacity since.
    """
    vote = locked_vote(vote.pk)
    capacity = rules.capacity_in(by, municipality.pk, vote)
    need(capacity is not None)
    if request_id and (twin := Voice.objects.filter(request_id=request_id, vote=vote, by=by).first()):
        return twin
    need_new_form(Voice, request_id)
    need_open(vote)
    if not is_on_roll(vote, municipality.pk):
        raise Refused(
            _("%(town)s has no voice in this vote. Set it present or give a proxy first.") % {"town": municipality}
            if vote.meeting_id
            else _("%(town)s has no voice in this vote.") % {"town": municipality}
        )
    if capacity == Voice.Capacity.PROXY and not sits_at_table(vote.meeting_id or 0, by.municipality_id or ""):
        who = {"own": by.municipality, "town": municipality}
        raise Refused(_("%(own)s does not sit at the table, so it casts no voice for %(town)s. Set it present.") % who)
    reason = reason.strip()
    _check(vote, answer, reason)
    before = voice_now(vote, municipality.pk)
    if before and (before.answer, before.reason, before.capacity) == (answer, reason, capacity):
        return before
    if before and rules.is_weaker(str(capacity), than=before.capacity):
        raise Refused(_yields(before))
    if before and version not in (None, before.pk) and before.by_id != by.pk and before.capacity == capacity:
        raise Stale(VoiceNow(before), before.by_name)
    if before:
        before.replaced_at = timezone.now()
        before.save(update_fields=["replaced_at"])
    voice = Voice(vote=vote, municipality=municipality, answer=answer, reason=reason, request_id=request_id)
    voice.capacity, voice.by = str(capacity), by
    voice.by_name, voice.town_name = by.person.name[:120], municipality.short_name[:120]
    voice.save()
    # Not what was said, and not in what capacity: while the vote is open that is the town's own matter.
    params = {"town": municipality.short_name, "subject": vote.subject, "item_id": vote.item_id}
    regions = [of_progress(vote)]
    if vote.is_circular:
        # The list says how many have voted, the town's home what it has still to answer.
        regions += [region_id("circulars", vote.network_id), *of_towns_asked(vote, municipality.pk)]
    record(vote.network, verb="voice_cast", actor=by, obj=vote, regions=regions, params=params)
    return voice


def need_open(vote: Vote) -> None:
    """Raise Refused where nobody can vote any more."""
    is_late = vote.ends_at is not None and timezone.now() >= vote.ends_at
    if vote.state == Vote.State.WITHDRAWN:
        raise Refused(_("This vote was withdrawn. No voice is cast any more."))
    if vote.state == Vote.State.VOID:
        raise Refused(_("Somebody objected to the procedure of this vote. No voice is cast any more."))
    if not vote.is_open or is_late:
        raise Refused(_("This vote is over. No voice is cast any more."))


def _check(vote: Vote, answer: str, reason: str) -> None:
    if answer not in ANSWERS[Vote.Kind(vote.kind)]:
        raise Refused(_("Choose one of the answers."))
    if answer == Answer.OBJECT and not reason:
        raise Refused(_("Say what the objection is: without a reason it cannot be met."))


def _yields(before: Voice) -> str:
    town = {"town": before.town_name}
    if before.capacity == Voice.Capacity.OWN:
        return _("%(town)s has voted itself meanwhile. Its own voice counts.") % town
    return _("The deputy of %(town)s has voted meanwhile. That voice counts.") % town
