"""What is internal to a group: its meetings, agenda, series, files and ideas are seen by its members and the
coordinator, and by the guests who were invited; its decisions and action items stand in the logs.

The whole permission table is asked again with the group of all these things made internal.
"""

from __future__ import annotations

import pytest
from django.test import Client

from collab.live.regions import audience_of, region_id
from meetings.domain.agenda import propose_item
from meetings.domain.closing import close_meeting
from tests.permissions.regions import REGIONS
from tests.permissions.urls import OF_A_NETWORK, path_of
from tests.permissions.world import OWN, World, everything, undone
from workgroups.models import Group, GroupMembership

from .test_permissions import HTMX, as_request, expected, poll, sent

# Who may do what does not depend on the database; once is enough.
once_is_enough = pytest.mark.sqlite_only

# In the world: who has a place in the group that is made internal. Presiding over a meeting opens that meeting.
OUTSIDE = ("achern", "mayor", "guide")
# What hangs on the group, and is its own when it is internal.
INNER = (
    "planned",
    "running",
    "cancelled",
    "series",
    "proposal",
    "item",
    "second",
    "spoken",
    "upcoming",
    "file",
    "review",
    "standing",
    "idea",
    "dropped_idea",
)
# Addresses of the group's things whose rows name them by a function.
BY_FUNCTION = (
    "meeting_open",
    "meeting_guest_remove",
    "meeting_back",
    "meeting_undo",
    "item_resume",
    "town_say",
    "town_here",
    "meeting_all_here",
    "meeting_reopen",
    "item_review",
    "item_report",
    "report_pass",
    "round_next",
    "round_call",
    "speech_withdraw",
    "speech_floor",
    "speech_end",
    "speech_move",
    "item_notes_version",
    "item_visibility",
    "minutes",
    "minutes_version",
    "minutes_text",
    "minutes_foot",
    "minutes_finalise",
    "minutes_approve",
    "minutes_object",
    "minutes_pdf",
    "minutes_visibility",
    "api_minutes",
    "publish_item",
    "publish_minutes",
    "vote",
    "vote_close",
    "vote_object",
    "vote_towns",
    "vote_withdraw",
    "circular_withdraw",
    "voice",
    "voice_export",
    "proxy",
)
INSIDE = [name for name, row in OF_A_NETWORK.items() if row.thing in INNER or name in (*BY_FUNCTION, "idea_add")]
OF_INSIDE = [
    name
    for name in REGIONS
    if name
    in (
        "group-next",
        "group-meetings",
        "ideas",
        "item",
        "item-publication",
        "minutes",
        "minutes-publication",
        "preparation",
        "series",
        "vote",
        "vote-progress",
    )
    or (name.startswith("meeting-") and name != "meeting-list")
]


@pytest.fixture
def internal(world: World) -> World:
    """The world, its group an internal working group to which Kehl's officer, chair and minute-taker belong."""
    group = world.own.group
    Group.objects.filter(pk=group.pk).update(is_internal=True, kind="working_group")
    GroupMembership.objects.create(group=group, membership=world.members["kehl"])
    return world


@once_is_enough
@pytest.mark.parametrize("name", INSIDE)
def test_who_does_not_belong_to_it_sees_and_changes_nothing(internal: World, name: str) -> None:
    row = OF_A_NETWORK[name]
    path = path_of(name, internal.own)
    before = everything()
    for who in OUTSIDE:
        client = internal.client(who)
        assert client.get(path).status_code == (404 if row.get is not None else 405), who
        if row.post is not None:
            body = as_request(sent(internal, name, "coordinator"))
            assert client.post(path, headers=HTMX, **body).status_code == 404, who
    assert everything() == before


@once_is_enough
@pytest.mark.parametrize("name", [name for name in INSIDE if OF_A_NETWORK[name].get is not None])
def test_who_belongs_to_it_and_who_was_invited_see_what_they_saw(internal: World, name: str) -> None:
    row, path = OF_A_NETWORK[name], path_of(name, internal.own)
    with undone():
        for who in set(OWN) - set(OUTSIDE) - {"presiding"}:
            assert internal.client(who).get(path).status_code == expected(row, who, row.get, 200), who


@once_is_enough
def test_who_chairs_a_single_meeting_of_it_sees_that_meeting(internal: World) -> None:
    client = internal.client("presiding")
    assert client.get(path_of("meeting", internal.own)).status_code == 200
    assert client.get(path_of("series", internal.own)).status_code == 404


@once_is_enough
@pytest.mark.parametrize("name", OF_INSIDE)
def test_its_live_regions_are_its_own(internal: World, name: str) -> None:
    row = REGIONS[name]
    identifier = region_id(name, row.pk(internal.own))
    seen = {who: audience_of(identifier, internal.members[who]) for who in OWN if who != "presiding"}
    promised = {who: None if who in OUTSIDE else row.audience.get(who) for who in OWN if who != "presiding"}
    assert seen == promised


@once_is_enough
def test_the_lists_leave_its_meetings_out(internal: World) -> None:
    for who, there in (("kehl", True), ("coordinator", True), ("mayor", False), ("achern", False)):
        client = internal.client(who)
        page = client.get("/n/ortenau/meetings/").text
        assert ("Ortenau planned" in page) == there, who
        assert ("Ortenau series" in page) == there, who
        told = client.get("/api/n/ortenau/meetings/").json()
        assert ("Ortenau planned" in str(told)) == there, who
    assert "Ortenau planned" in str(internal.client("guest").get("/api/n/ortenau/meetings/").json())


@once_is_enough
@pytest.mark.parametrize("page", ["/n/ortenau/", "/n/ortenau/changes/", "/n/ortenau/meetings/", "/n/ortenau/groups/"])
def test_no_page_of_the_network_tells_of_it(internal: World, page: str) -> None:
    text = internal.client("mayor").get(page).text
    for secret in ("proposal", "item", "second", "upcoming", "series", "idea", "planned", "running"):
        assert f"Ortenau {secret}" not in text, secret


@once_is_enough
def test_its_decisions_and_action_items_stand_in_the_logs(internal: World) -> None:
    mayor = internal.client("mayor")
    decision = internal.own.decision
    assert "Ortenau wording" in mayor.get("/n/ortenau/decisions/").text
    page = mayor.get(f"/n/ortenau/decisions/{decision.reference}/").text
    assert "Ortenau wording" in page
    assert f"/n/ortenau/meetings/{decision.meeting_id}/" not in page, "a link that leads nowhere"
    assert f"/n/ortenau/items/{decision.item_id}/" not in page
    assert (
        f"/n/ortenau/items/{decision.item_id}/"
        in internal.client("kehl").get(f"/n/ortenau/decisions/{decision.reference}/").text
    )
    assert_untitled(internal, mayor)
    assert "Ortenau action" in mayor.get("/n/ortenau/action-items/").text


def assert_untitled(world: World, reader: Client) -> None:
    """Nobody outside reads in which of its meetings something was decided."""
    decision = world.own.decision
    title, log = decision.meeting.title, "/n/ortenau/decisions/"
    for page in (log, f"{log}{decision.reference}/", f"{log}?meeting={decision.meeting_id}", f"{log}export.csv"):
        assert title not in reader.get(page).content.decode(), page
    (told,) = reader.get("/api/n/ortenau/decisions/").json()["results"]
    assert (told["meeting"], told["agenda_item"]) == (None, None)


@once_is_enough
def test_who_polls_hears_nothing_of_it(internal: World) -> None:
    """Neither as content nor in what is read out."""
    network, group = internal.own.network.pk, internal.own.group.pk
    item = propose_item(meeting=internal.own.planned, by=internal.members["kehl"], title="Whispered")
    close_meeting(meeting=internal.own.running, by=internal.members["coordinator"])
    asked = [f"feed-{network}", f"item-{item.pk}", f"ideas-{group}", f"group-list-{network}"]
    for who in ("mayor", "achern"):
        listed = audience_of(f"meeting-list-{network}", internal.members[who])
        assert listed == "reader"
        told = poll(internal, who, [*asked, f"meeting-list-{network}"], v=0).content.decode()
        assert "Whispered" not in told
        assert "Ortenau running" not in told
    assert "Whispered" in poll(internal, "kehl", asked, v=0).content.decode()
