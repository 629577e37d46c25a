"""What happens inside an internal group is told inside; what goes from one group to another is followed no further."""

from __future__ import annotations

import pytest

from collab.live.catch_up import news
from collab.live.log import feed
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.agenda import propose_item
from meetings.domain.closing import close_meeting
from meetings.domain.ideas import park_idea, take_idea
from meetings.domain.room import open_meeting
from meetings.models import AgendaItem, Idea
from tests.conftest import Cast, make_meeting
from tests.permissions.world import meeting_of
from workgroups.domain.group import create_group
from workgroups.models import Group


@pytest.fixture
def closed_circle(cast: Cast) -> Group:
    """An internal working group of Kehl's officer."""
    return create_group(
        network=cast.network,
        kind="working_group",
        name="Haushalt",
        purpose="",
        lead_town=None,
        is_internal=True,
        by=cast.kehl,
    )


def spoken(change: Change, region: str, audience: str) -> str:
    return str(news([Change.objects.get(pk=change.pk)], region, "en", audience))


def test_each_change_is_told_inside_and_not_outside(cast: Cast, closed_circle: Group) -> None:
    meeting = meeting_of(closed_circle, "Klausur", make_meeting(cast).date)
    item = propose_item(meeting=meeting, by=cast.kehl, title="Sparliste")
    park_idea(group=closed_circle, title="Später", text="", by=cast.kehl)
    change = Change.objects.get(verb="item_added", object_id=item.pk)
    assert "Sparliste" in spoken(change, f"meeting-agenda-{meeting.pk}", "chair")
    change.regions = [*change.regions, f"meeting-list-{cast.network.pk}"]
    change.save()
    assert "Sparliste" not in spoken(change, f"feed-{cast.network.pk}", "member")
    assert "Sparliste" not in spoken(change, f"meeting-list-{cast.network.pk}", "reader")
    assert "Sparliste" in spoken(change, f"meeting-list-{cast.network.pk}", f"reader+{closed_circle.pk}")
    assert [change.verb for change in feed(cast.network.pk)] == ["group_founded"]
    Group.objects.filter(pk=closed_circle.pk).update(is_internal=False)
    assert {change.verb for change in feed(cast.network.pk)} == {"group_founded", "item_added", "idea_parked"}


def test_an_item_handed_to_it_is_followed_no_further(cast: Cast, closed_circle: Group, client_for) -> None:
    meeting = make_meeting(cast)
    item = propose_item(meeting=meeting, by=cast.coordinator, title="Haushalt 2027")
    open_meeting(meeting=meeting, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator, choices={item.pk: closed_circle})
    idea = Idea.objects.get()
    inner = meeting_of(closed_circle, "Klausur", meeting.date)
    taken = take_idea(idea=idea, meeting=inner, by=cast.kehl)
    for address in (f"/n/ortenau/items/{item.pk}/", f"/n/ortenau/meetings/{meeting.pk}/"):
        page = client_for(cast.mayor).get(address).text
        assert f"/n/ortenau/items/{taken.pk}/" not in page
        assert "Klausur" not in page
    assert "whose meetings are internal" in client_for(cast.mayor).get(f"/n/ortenau/items/{item.pk}/").text
    inside = client_for(cast.kehl).get(f"/n/ortenau/items/{taken.pk}/").text
    assert f"/n/ortenau/items/{item.pk}/" in inside, "from inside one sees where it came from"
    taken_change = Change.objects.get(verb="idea_taken")
    assert spoken(taken_change, f"item-{item.pk}", "reader") == "[]"


def test_an_idea_from_it_comes_without_its_meeting(cast: Cast, closed_circle: Group) -> None:
    inner = meeting_of(closed_circle, "Klausur", make_meeting(cast).date)
    item = propose_item(meeting=inner, by=cast.kehl, title="Fürs Plenum")
    open_meeting(meeting=inner, by=cast.kehl)
    close_meeting(meeting=inner, by=cast.kehl, choices={item.pk: cast.group})
    page = render(f"ideas-{cast.group.pk}", "reader", "en")
    assert "Fürs Plenum" in page and "Haushalt" in page
    assert "Klausur" not in page and f"/items/{item.pk}/" not in page


def test_a_named_deputy_sees_the_meeting(cast: Cast, closed_circle: Group, client_for) -> None:
    inner = meeting_of(closed_circle, "Klausur", make_meeting(cast).date)
    assert client_for(cast.achern).get(f"/n/ortenau/meetings/{inner.pk}/").status_code == 404
    inner.attendances.create(municipality=cast.town("achern"), deputy=cast.achern)
    assert client_for(cast.achern).get(f"/n/ortenau/meetings/{inner.pk}/").status_code == 200
    assert not AgendaItem.objects.exists()
