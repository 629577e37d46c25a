"""Who holds a socket, and whether they still may. A fixed number of queries, however many sockets there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from collab.network.models import Membership
from collab.network.queries import admitted

from .models import Topic

T = TypeVar("T")


@dataclass(frozen=True)
class Holder:
    """Session, person, network and role that a socket was opened with."""

    session_key: str
    session_hash: str
    person_id: int
    network_id: int
    membership_id: int
    role: str
    municipality_id: str | None


def holders_gone(holders: Iterable[Holder]) -> set[Holder]:
    """Return those holders whose session ended or whose membership is no longer what it was."""
    holders = set(holders)
    sessions = _living_sessions({holder.session_key for holder in holders})
    members = _open_memberships({holder.membership_id for holder in holders})
    return {holder for holder in holders if not _still(holder, sessions, members)}


def _still(holder: Holder, sessions: set[str], members: dict[int, Membership]) -> bool:
    member = members.get(holder.membership_id)
    return (
        holder.session_key in sessions
        and member is not None
        and member.person.is_active
        and (member.role, member.municipality_id) == (holder.role, holder.municipality_id)
        and constant_time_compare(member.person.get_session_auth_hash(), holder.session_hash)
    )


def _living_sessions(keys: set[str]) -> set[str]:
    living = Session.objects.filter(expire_date__gt=timezone.now())
    return {key for part in _parts(keys) for key in living.filter(pk__in=part).values_list("pk", flat=True)}


def _open_memberships(ids: set[int]) -> dict[int, Membership]:
    memberships = admitted().select_related("person")
    return {m.pk: m for part in _parts(ids) for m in memberships.filter(pk__in=part)}


def _parts(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


def versions_of(networks: list[int]) -> dict[int, int]:
    """Return the newest version of each of these networks' logs."""
    return dict(Topic.objects.filter(network_id__in=networks).values_list("network_id", "version"))
