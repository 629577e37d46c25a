"""Giving the voice of a municipality to a person at the table of another one, for one meeting (Stimmübertragung)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused
from collab.network.access import need
from collab.network.models import Membership, Municipality
from meetings import rules
from meetings.models import Meeting, Proxy
from meetings.queries.presence import presence_of
from meetings.queries.vote import proxy_holders

from .agenda import locked_meeting
from .at_table import tell, town_row


@transaction.atomic
def give_proxy(
    *, meeting: Meeting, municipality: Municipality, holder: Membership, version: int, by: Membership
) -> Proxy:
    """Give the town's voice in this meeting to a person; a proxy given before ends. Returns the one that holds.

    `version` is the key of the proxy that the person saw (0: none). Raises Refused where the holder does not sit at
    the table for another town or holds a proxy already, or where somebody of the town was quicker.
    """
    meeting, now = _locked(meeting, municipality, by)
    if now and now.holder_id == holder.pk:
        return now
    _need_seen(now, version)
    if not proxy_holders(meeting, municipality.pk).filter(pk=holder.pk).exists():
        raise Refused(_("A proxy is somebody who sits at the table for another municipality."))
    if other := Proxy.objects.filter(meeting=meeting, holder=holder, ended_at=None).first():
        numbers = {"who": holder, "town": other.municipality}
        raise Refused(_("%(who)s votes for %(town)s already. Each person holds one proxy at most.") % numbers)
    if now:
        _end(now)
    proxy = Proxy.objects.create(meeting=meeting, municipality=municipality, holder=holder, given_by=by)
    tell(meeting, "proxy_given", by, meeting, municipality, holder=str(holder))
    return proxy


@transaction.atomic
def take_proxy_back(*, meeting: Meeting, municipality: Municipality, version: int, by: Membership) -> None:
    """Let the town's voice be its own again; where no proxy holds nothing happens. Voices cast under it stay cast."""
    meeting, now = _locked(meeting, municipality, by)
    if now is None:
        return
    _need_seen(now, version)
    _end(now)
    tell(meeting, "proxy_ended", by, meeting, municipality, holder=str(now.holder))


def _locked(meeting: Meeting, municipality: Municipality, by: Membership) -> tuple[Meeting, Proxy | None]:
    meeting = locked_meeting(meeting.pk)
    need(rules.may_give_proxy(by, municipality.pk, meeting.group, rules.standing(by, meeting)))
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise Refused(_("This meeting is over or was cancelled; no voice is given away any more."))
    if not town_row(presence_of(meeting), municipality).is_expected:
        raise Refused(_("%(town)s has no voice in this meeting.") % {"town": municipality})
    proxies = Proxy.objects.filter(meeting=meeting, municipality=municipality, ended_at=None)
    return meeting, proxies.select_related("holder__person", "holder__municipality").first()


def _need_seen(now: Proxy | None, version: int) -> None:
    if (now.pk if now else 0) == version:
        return
    if now is None:
        raise Refused(_("The proxy was taken back meanwhile. Look at it again."))
    raise Refused(
        _("%(who)s has given your voice to %(holder)s meanwhile. Look at it again.")
        % {"who": now.given_by, "holder": now.holder}
    )


def _end(proxy: Proxy) -> None:
    proxy.ended_at = timezone.now()
    proxy.save(update_fields=["ended_at"])
