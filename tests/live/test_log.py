"""The change log: written with the change it tells of, in order, without gaps; and read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
import redis
from django.db import connection, transaction

from collab.live.log import FAR_BEHIND, changed_since, feed, history, last_actor, record, version_of
from collab.live.models import Change
from collab.live.regions import region_id
from collab.live.verbs import sentence
from meetings.domain.agenda import edit_item, propose_item
from tests.conftest import Cast
from tests.servers import RedisServer, redis_server
from workgroups.models import ActionItem


def note(cast: Cast, *regions: str, name: str = "Kehl", network=None) -> Change:
    with transaction.atomic():
        return record(
            network or cast.network,
            verb="joined",
            actor=cast.kehl,
            obj=cast.kehl,
            regions=regions,
            params={"name": name},
        )


class Listener:
    """What another process of the installation hears: a real subscription to a real Redis."""

    def __init__(self, url: str) -> None:
        self.pubsub = redis.Redis.from_url(url).pubsub()
        self.pubsub.psubscribe("*")
        assert self.pubsub.get_message(timeout=5)["type"] == "psubscribe"

    def heard(self, count: int) -> list[dict[str, int]]:
        """Return the next `count` hints, and fail when there are fewer, or more than these."""
        found = [self._next(5) for _hint in range(count)]
        assert None not in found
        assert self._next(0.2) is None
        return [hint for hint in found if hint]

    def _next(self, wait: float) -> dict[str, int] | None:
        message = self.pubsub.get_message(timeout=wait)
        return msgpack.unpackb(message["data"])["hint"] if message else None


@pytest.fixture
def broker(settings: Any) -> Iterator[RedisServer]:
    """A real Redis through which this process announces its changes."""
    with redis_server() as server:
        settings.REDIS_URL = server.url
        settings.CHANNEL_LAYERS = {
            "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [server.url]}}
        }
        yield server


@pytest.fixture
def others(broker: RedisServer) -> Listener:
    return Listener(broker.url)


@pytest.mark.django_db(transaction=True)
def test_a_change_is_recorded_inside_its_transaction_or_not_at_all(cast: Cast) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError):
        record(cast.network, verb="joined", actor=None, obj=cast.kehl, regions=[])
    assert version_of(cast.network.pk) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.redis
def test_a_rollback_announces_nothing_and_leaves_no_version(cast: Cast, others: Listener) -> None:
    note(cast)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note(cast)
        raise ZeroDivisionError
    assert version_of(cast.network.pk) == Change.objects.count() == 1
    assert others.heard(1) == [{"network": cast.network.pk, "version": 1}]
    assert note(cast).version == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.redis
def test_it_is_announced_after_the_commit(cast: Cast, others: Listener) -> None:
    with transaction.atomic():
        note(cast)
        note(cast)
        assert others.heard(0) == []
    assert [hint["version"] for hint in others.heard(2)] == [1, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.redis
def test_an_announcement_that_fails_does_not_break_the_change(cast: Cast, broker: RedisServer) -> None:
    broker.stop()
    assert note(cast).version == 1
    assert version_of(cast.network.pk) == 1


def test_versions_are_gapless_and_each_network_has_its_own(cast: Cast) -> None:
    assert [note(cast).version for _n in range(4)] == [1, 2, 3, 4]
    assert [note(cast, network=cast.other_network).version for _n in range(2)] == [1, 2]
    assert note(cast).version == 5
    assert (version_of(cast.network.pk), version_of(cast.other_network.pk)) == (5, 2)


def test_what_changed_since(cast: Cast) -> None:
    members, log = region_id("members", cast.network.pk), region_id("action-log", cast.network.pk)
    the_feed = region_id("feed", cast.network.pk)
    for regions in ([members], [log], [members], []):
        note(cast, *regions)
    pk = cast.network.pk
    assert changed_since(pk, 0, 4) == {members: 3, log: 2, the_feed: 4}
    assert changed_since(pk, 2, 4) == {members: 3, the_feed: 4}
    assert changed_since(pk, 2, 2) == {}
    assert changed_since(pk, 4, 4) == {}
    assert changed_since(cast.other_network.pk, 0, 0) == {}


def test_who_is_far_behind_or_ahead_is_given_everything(cast: Cast) -> None:
    pk = cast.network.pk
    assert changed_since(pk, -1, 4) is None
    assert changed_since(pk, 5, 4) is None, "a screen from the future: the database was restored"
    assert changed_since(pk, 0, FAR_BEHIND + 1) is None
    assert changed_since(pk, 0, FAR_BEHIND) == {}


def test_the_feed_shows_the_newest_first_and_only_of_its_network(cast: Cast) -> None:
    for name in "ABC":
        note(cast, name=name)
    note(cast, name="theirs", network=cast.other_network)
    assert [change.params["name"] for change in feed(cast.network.pk, 2)] == ["C", "B"]


def test_the_history_of_an_object_is_its_own(cast: Cast, meeting) -> None:
    item = propose_item(meeting=meeting, by=cast.kehl, title="E-Akte")
    other = propose_item(meeting=meeting, by=cast.achern, title="Parking")
    values = {"kind": "report", "minutes": 5, "municipality": None, "presenter": "", "text": "", "links": []}
    edit_item(item=item, version=1, by=cast.coordinator, title="E-file", **values)
    assert [change.verb for change in history(item)] == ["item_edited", "item_proposed"]
    assert [change.verb for change in history(other)] == ["item_proposed"]
    assert last_actor(item) == str(cast.coordinator)
    assert last_actor(item, "item_proposed") == str(cast.kehl)
    assert last_actor(ActionItem(pk=item.pk)) == "", "another kind of object with the same key"


def test_names_in_the_log_are_as_they_were(cast: Cast) -> None:
    change = note(cast)
    before = change.actor_name
    cast.kehl.person.name = "Renamed"
    cast.kehl.person.save()
    change.refresh_from_db()
    assert change.actor_name == before
    assert "Renamed" not in sentence(change)


@pytest.mark.parametrize("text", ["%(actor)s %s %d", "{slug} {0} {pk.__class__}", "100 %", "%", "<b>&amp;</b>", "‮x"])
def test_what_people_write_is_no_format(cast: Cast, text: str) -> None:
    assert sentence(note(cast, name=text)) == f"{text} joined the network"
