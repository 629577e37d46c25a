"""Who is in the network: the page, roles, the end of a membership."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.log import feed
from collab.network.models import Membership
from meetings.domain.agenda import propose_item
from tests.conftest import Cast, make_member
from tests.network.conftest import Desk, shown
from workgroups.domain.action_item import add_action_item


def test_members_read_towns_people_and_roles(cast: Cast, client_for) -> None:
    page = client_for(cast.kehl).get("/n/ortenau/members/").content.decode()
    for word in ("Kehl", "Achern", "Durbach", "Lahr", "Digitalisation officer", "Mayor", "WRO", "30 September 2021"):
        assert word in page, word
    for control in ("Invite a person", "Change role", "Enter exit", "Open invitations"):
        assert control not in page


def test_the_coordinator_has_the_controls(desk: Desk) -> None:
    page = desk.page()
    for control in ("Invite a person", "Change role", "End membership", "Enter exit", "Enter accession"):
        assert control in page


def test_guests_do_not_see_the_members(cast: Cast, client_for) -> None:
    guest = client_for(cast.guest)
    assert guest.get("/n/ortenau/members/").status_code == 403
    regions = {"r": [f"members-{cast.network.pk}", f"invitations-{cast.network.pk}", f"feed-{cast.network.pk}"]}
    answer = guest.get("/n/ortenau/live/", {"v": -1, **regions}).json()
    assert answer["regions"] == []


def test_other_networks_do_not_exist(cast: Cast, client_for) -> None:
    stranger = client_for(cast.other)
    assert stranger.get("/n/ortenau/members/").status_code == 404
    for path in ("role", "end"):
        assert stranger.get(f"/n/regional-digital/members/{cast.kehl.pk}/{path}/").status_code == 404
        assert stranger.post(f"/n/regional-digital/members/{cast.kehl.pk}/{path}/").status_code == 404
    answer = stranger.get("/n/regional-digital/live/", {"v": -1, "r": f"members-{cast.network.pk}"}).json()
    assert answer["regions"] == []


def test_signed_out_people_sign_in_first(cast: Cast, visitor) -> None:
    assert visitor.get("/n/ortenau/members/")["Location"] == "/accounts/login/?next=/n/ortenau/members/"


def test_a_long_list_costs_as_many_queries_as_a_short_one(desk: Desk, cast: Cast) -> None:
    desk.page()
    with CaptureQueriesContext(connection) as short:
        desk.page()
    for number in range(50):
        make_member(cast.network, "officer", cast.town("kehl"), f"officer{number}@kehl.example")
        make_member(cast.network, "guest", None, f"guest{number}@wro.example", organisation="WRO")
        desk.invite(email=f"guide{number}@kehl.example")
    with CaptureQueriesContext(connection) as long:
        desk.page()
    assert len(long) == len(short)


def test_a_new_role_and_town(desk: Desk, cast: Cast, client_for) -> None:
    assert desk.change_role(cast.guide, "mayor", "achern").status_code == 302
    now = membership_of(cast.guide)
    assert (now.role, now.municipality.short_name) == ("mayor", "Achern")
    assert "is now mayor of Achern" in client_for(cast.kehl).get("/n/ortenau/").content.decode()


def membership_of(member: Membership) -> Membership:
    """The one open membership of this person now."""
    return Membership.objects.get(network=member.network_id, person=member.person_id, ended_on=None)


def test_what_was_done_for_the_old_town_stays_with_it(desk: Desk, cast: Cast, client_for, meeting) -> None:
    title = "Parking in Achern"
    item = propose_item(meeting=meeting, by=cast.achern, title=title, municipality=cast.town("achern"))
    action = add_action_item(
        network=cast.network,
        title="Ask the data centre",
        municipality=cast.town("achern"),
        person=cast.achern,
        group=cast.group,
        due_on=None,
        by=cast.coordinator,
        in_meeting=True,
    )
    mover, seen = client_for(cast.achern), timezone.now()
    Membership.objects.filter(pk=cast.achern.pk).update(last_seen_at=seen)
    assert desk.change_role(cast.achern, "officer", "durbach").status_code == 302
    old = Membership.objects.get(pk=cast.achern.pk)
    now = membership_of(old)
    assert (old.ended_on, old.acts_for) == (timezone.localdate(), "Achern")
    assert (now.started_on, now.acts_for, now.last_seen_at) == (timezone.localdate(), "Durbach", seen)
    item.refresh_from_db()
    action.refresh_from_db()
    assert str(item.proposed_by).endswith("(Achern)")
    assert str(action.person).endswith("(Achern)")
    # They are in as before, and what is Achern's is not theirs any more.
    assert mover.get("/n/ortenau/members/").status_code == 200
    assert mover.get(f"/n/ortenau/items/{item.pk}/edit/").status_code == 403
    assert "Former members" not in desk.page()
    # The page of the old membership leads on to the present one.
    assert shown(now) in desk.client.get(f"/n/ortenau/members/{old.pk}/role/").content.decode()


def test_a_guests_new_organisation_is_the_same_membership(desk: Desk, cast: Cast) -> None:
    assert desk.change_role(cast.guest, "guest", organisation="WRO GmbH").status_code == 302
    assert membership_of(cast.guest) == cast.guest
    assert membership_of(cast.guest).acts_for == "WRO GmbH"


def test_pages_stay_in_no_cache(cast: Cast, client_for) -> None:
    for path in ("/n/ortenau/", "/n/ortenau/members/", "/n/ortenau/changes/"):
        assert client_for(cast.kehl).get(path)["Cache-Control"] == "private, no-store"


def test_a_role_that_changes_closes_the_persons_sockets(desk: Desk, cast: Cast) -> None:
    desk.change_role(cast.guide, "officer", "lahr")
    assert feed(cast.network.pk)[0].access == [cast.guide.person_id]


def test_saving_the_same_role_changes_nothing(desk: Desk, cast: Cast) -> None:
    before = feed(cast.network.pk).count()
    assert desk.change_role(cast.guide, "guide", "lahr").status_code == 302
    assert feed(cast.network.pk).count() == before


def test_ids_beyond_all_numbers_do_not_exist(desk: Desk) -> None:
    for number in (0, 999_999, 10**30):
        assert desk.client.get(f"/n/ortenau/members/{number}/role/").status_code == 404


def test_a_role_of_a_town_needs_one(desk: Desk, cast: Cast) -> None:
    answer = desk.change_role(cast.guest, "officer")
    assert answer.status_code == 422
    assert "please choose one" in answer.content.decode()


def test_a_guest_needs_an_organisation(desk: Desk, cast: Cast) -> None:
    assert desk.change_role(cast.guide, "guest").status_code == 422
    assert desk.change_role(cast.guide, "guest", organisation="Hochschule").status_code == 302
    assert membership_of(cast.guide).acts_for == "Hochschule"


def test_the_second_of_two_coordinators_is_told(desk: Desk, cast: Cast) -> None:
    seen = shown(cast.guide)
    desk.change_role(cast.guide, "mayor", "achern")
    answer = desk.change_role(cast.guide, "officer", "lahr", shown=seen)
    assert answer.status_code == 422
    assert "Somebody else changed this meanwhile" in answer.content.decode()
    now = membership_of(cast.guide)
    assert now.role == "mayor"
    # Having read it, they may insist with the form they got back.
    assert f'value="{shown(now)}"' in answer.content.decode()
    assert desk.change_role(cast.guide, "officer", "lahr", shown=shown(now)).status_code == 302
    assert membership_of(cast.guide).role == "officer"


def test_the_last_coordinator_stays(desk: Desk, cast: Cast) -> None:
    for answer in (
        desk.change_role(cast.coordinator, "officer", "kehl"),
        desk.post(f"members/{cast.coordinator.pk}/end/"),
    ):
        assert answer.status_code == 422
        assert "only coordinator" in answer.content.decode()
    assert desk.change_role(cast.kehl, "coordinator").status_code == 302
    assert desk.post(f"members/{cast.coordinator.pk}/end/").status_code == 302
    assert desk.client.get("/n/ortenau/members/").status_code == 404


def test_a_coordinator_who_is_none_any_more_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.change_role(cast.kehl, "coordinator")
    desk.change_role(cast.coordinator, "officer", "kehl")
    assert desk.change_role(cast.guide, "mayor", "lahr").status_code == 403


def test_the_end_of_a_membership(desk: Desk, cast: Cast, client_for) -> None:
    leaving = client_for(cast.guide)
    assert leaving.get("/n/ortenau/members/").status_code == 200
    assert "have no access" in desk.client.get(f"/n/ortenau/members/{cast.guide.pk}/end/").content.decode()
    assert desk.post(f"members/{cast.guide.pk}/end/", reason="Moved to another office").status_code == 302
    assert leaving.get("/n/ortenau/members/").status_code == 404
    change = feed(cast.network.pk)[0]
    assert change.access == [cast.guide.person_id]
    assert "Former members" in desk.page()
    assert "Moved to another office" in client_for(cast.kehl).get("/n/ortenau/").content.decode()
    again = desk.post(f"members/{cast.guide.pk}/end/")
    assert "has ended already" in again.content.decode()


def test_who_comes_back_is_no_former_member(desk: Desk, cast: Cast) -> None:
    desk.post(f"members/{cast.guide.pk}/end/")
    Membership.objects.create(
        network=cast.network,
        person=cast.guide.person,
        role="guide",
        municipality=cast.town("lahr"),
        started_on=cast.guide.started_on,
    )
    assert "Former members" not in desk.page()


def test_members_may_look_and_not_touch(cast: Cast, client_for) -> None:
    for member in (cast.kehl, cast.mayor, cast.guide, cast.guest):
        browser = client_for(member)
        for path in (f"members/{cast.durbach.pk}/role/", f"members/{cast.durbach.pk}/end/", "accessions/add/"):
            assert browser.get(f"/n/ortenau/{path}").status_code == 403
            assert browser.post(f"/n/ortenau/{path}").status_code == 403
    cast.durbach.refresh_from_db()
    assert cast.durbach.ended_on is None


def test_every_change_names_the_regions_that_show_it(desk: Desk, cast: Cast) -> None:
    desk.change_role(cast.guide, "officer", "lahr")
    pk = cast.network.pk
    assert feed(pk)[0].regions == [f"feed-{pk}", f"invitations-{pk}", f"members-{pk}"]
