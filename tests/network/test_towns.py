"""Accession and exit of municipalities."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.sweep import Holder, holders_gone
from collab.network.models import Accession, Membership, Municipality, Network
from collab.network.queries import memberships_of
from tests.conftest import Cast, make_town
from tests.network.conftest import Desk


@pytest.fixture
def neustadts(db: None) -> list[Municipality]:
    return [make_town("Neustadt", "03254026"), make_town("Neustadt", "06534014"), make_town("Oppenau", "08317098")]


def test_a_town_joins(desk: Desk, cast: Cast, neustadts, client_for) -> None:
    answer = desk.post("accessions/add/", municipality="Oppenau", joined_on="2024-01-01", standing="member")
    assert answer.status_code == 302
    assert "Oppenau" in desk.page()
    assert "entered the accession of Oppenau" in client_for(cast.kehl).get("/n/ortenau/").content.decode()


@pytest.mark.parametrize("text", ["Oppenau (08317098)", "08317098", "oppenau", "Oppenau, Stadt"])
def test_a_town_is_found_by_what_people_type(desk: Desk, neustadts, text: str) -> None:
    answer = desk.post("accessions/add/", municipality=text, joined_on="2024-01-01", standing="member")
    assert answer.status_code == 302
    assert Accession.objects.filter(municipality="08317098").exists()


def test_an_ambiguous_name_lists_the_candidates(desk: Desk, neustadts) -> None:
    answer = desk.post("accessions/add/", municipality="Neustadt", joined_on="2024-01-01", standing="member")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "03254026" in page and "06534014" in page
    answer = desk.post("accessions/add/", municipality="Oppen", joined_on="2024-01-01", standing="member")
    assert "Oppenau (08317098)" in answer.content.decode()


@pytest.mark.parametrize("text", ["Atlantis", "", "x" * 300, "Kehl\x00", "' OR 1=1 --", "%"])
def test_nonsense_is_refused(desk: Desk, text: str) -> None:
    answer = desk.post("accessions/add/", municipality=text, joined_on="2024-01-01", standing="member")
    assert answer.status_code == 422


def test_the_suggestions_are_the_coordinators(desk: Desk, cast: Cast, neustadts, client_for) -> None:
    answer = desk.client.get("/n/ortenau/municipalities/", {"q": "neust"}).content.decode()
    assert answer.count("<option") == 2
    assert "Neustadt (06534014)" in answer
    assert desk.client.get("/n/ortenau/municipalities/", {"q": "n"}).content.decode().strip() == ""
    assert client_for(cast.kehl).get("/n/ortenau/municipalities/", {"q": "neust"}).status_code == 403


def test_a_member_does_not_join_again(desk: Desk) -> None:
    answer = desk.post("accessions/add/", municipality="Kehl", joined_on="2024-01-01", standing="member")
    assert answer.status_code == 422
    assert "in the network at that time already" in answer.content.decode()


def leave(desk: Desk, town: str, day: date):
    accession = desk.cast.network.accessions.get(municipality=desk.cast.town(town), left_on=None)
    return desk.post(f"accessions/{accession.pk}/end/", left_on=day.isoformat(), note="Council's decision")


def test_an_exit_ends_the_memberships_of_its_people(desk: Desk, cast: Cast, client_for) -> None:
    officer, today = client_for(cast.kehl), timezone.localdate()
    assert leave(desk, "kehl", today).status_code == 302
    assert officer.get("/n/ortenau/members/").status_code == 404
    for member in (cast.kehl, cast.mayor):
        member.refresh_from_db()
        assert member.ended_on == today
    cast.achern.refresh_from_db()
    assert cast.achern.ended_on is None
    assert "Council&#x27;s decision" in desk.page()


def test_it_asks_first(desk: Desk, cast: Cast) -> None:
    accession = cast.network.accessions.get(municipality=cast.town("kehl"))
    page = desk.client.get(f"/n/ortenau/accessions/{accession.pk}/end/").content.decode()
    assert "2 people from Kehl" in page
    accession.refresh_from_db()
    assert accession.left_on is None


def test_an_exit_before_the_accession_is_refused(desk: Desk) -> None:
    answer = leave(desk, "kehl", date(2021, 9, 29))
    assert answer.status_code == 422
    assert "cannot leave before that" in answer.content.decode()


def test_a_coming_exit_takes_effect_on_its_day(desk: Desk, cast: Cast, client_for) -> None:
    day = timezone.localdate() + timedelta(days=10)
    assert leave(desk, "kehl", day).status_code == 302
    officer = client_for(cast.kehl)
    assert officer.get("/n/ortenau/members/").status_code == 200
    assert "leaves on" in desk.page()
    assert desk.invite().status_code == 302  # still a member
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        assert officer.get("/n/ortenau/members/").status_code == 404
        assert "has left the network" in client_for(cast.achern).get("/n/ortenau/").content.decode()
    cast.kehl.refresh_from_db()
    assert cast.kehl.ended_on == day


def test_on_the_day_of_an_exit_every_door_is_closed_at_once(desk: Desk, cast: Cast, client_for) -> None:
    leave(desk, "kehl", timezone.localdate() + timedelta(days=10))
    officer, mine = client_for(cast.kehl), {"v": -1, "r": f"members-{cast.network.pk}"}
    doors = ("/api/n/ortenau/action-items/", "/n/ortenau/live/", "/n/ortenau/")
    assert [officer.get(door, mine).status_code for door in doors] == [200, 200, 200]
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        officer = client_for(cast.kehl)  # a session that has not expired
        # Nobody was here that day, so nothing was carried out.
        assert [officer.get(door, mine).status_code for door in doors] == [404, 404, 404]
        assert officer.get("/").status_code == 200  # the page that says so
        assert client_for(cast.achern).get(doors[0]).status_code == 200
        cast.kehl.refresh_from_db()
        assert cast.kehl.ended_on is None
        session = officer.session
        holder = holder_of(cast.kehl, session)
        assert holders_gone([holder]) == {holder}
        still = holder_of(cast.achern, client_for(cast.achern).session)
        assert holders_gone([still]) == set()


def holder_of(member: Membership, session) -> Holder:
    return Holder(
        session_key=session.session_key,
        session_hash=session["_auth_user_hash"],
        person_id=member.person_id,
        network_id=member.network_id,
        membership_id=member.pk,
        role=member.role,
        municipality_id=member.municipality_id,
    )


def test_every_night_due_exits_are_carried_out(desk: Desk, cast: Cast) -> None:
    day = timezone.localdate() + timedelta(days=10)
    leave(desk, "kehl", day)
    call_command("extend_series", stdout=StringIO())
    assert not Membership.objects.filter(ended_on=day).exists()
    with time_machine.travel(timezone.now() + timedelta(days=12), tick=False):
        for _night in range(2):
            call_command("extend_series", stdout=StringIO())
    assert set(Membership.objects.filter(ended_on=day)) == {cast.kehl, cast.mayor}


def test_the_door_costs_one_query_for_any_number_of_networks(cast: Cast) -> None:
    for number in range(5):
        network = Network.objects.create(slug=f"n{number}", name=f"Network {number}")
        Accession.objects.create(network=network, municipality=cast.town("kehl"), joined_on=date(2021, 9, 30))
        Membership.objects.create(
            network=network,
            person=cast.kehl.person,
            role="officer",
            municipality=cast.town("kehl"),
            started_on=date(2021, 9, 30),
        )
    with CaptureQueriesContext(connection) as queries:
        assert {str(m.municipality) + m.network.slug + m.person.name for m in memberships_of(cast.kehl.person)}
    assert len(queries) == 1


def test_the_day_of_a_coming_exit_can_be_changed(desk: Desk, cast: Cast) -> None:
    today = timezone.localdate()
    leave(desk, "kehl", today + timedelta(days=10))
    accession = cast.network.accessions.get(municipality=cast.town("kehl"))
    assert desk.post(f"accessions/{accession.pk}/end/", left_on=str(today + timedelta(days=60))).status_code == 302
    accession.refresh_from_db()
    assert accession.left_on == today + timedelta(days=60)


def test_a_coming_exit_can_be_taken_back(desk: Desk, cast: Cast) -> None:
    leave(desk, "kehl", timezone.localdate() + timedelta(days=10))
    accession = cast.network.accessions.get(municipality=cast.town("kehl"))
    assert desk.post(f"accessions/{accession.pk}/end/", left_on="").status_code == 302
    accession.refresh_from_db()
    assert accession.left_on is None
    answer = desk.post(f"accessions/{accession.pk}/end/", left_on="")
    assert answer.status_code == 422  # nothing is planned: a date is needed


def test_two_times_of_one_town_do_not_overlap(desk: Desk, cast: Cast) -> None:
    today = timezone.localdate()
    leave(desk, "kehl", today + timedelta(days=10))
    first = cast.network.accessions.get(municipality=cast.town("kehl"))
    again = str(today + timedelta(days=20))
    desk.post("accessions/add/", municipality="Kehl", joined_on=again, standing="member")
    for day in ("", str(today + timedelta(days=21))):
        assert desk.post(f"accessions/{first.pk}/end/", left_on=day).status_code == 422
    first.refresh_from_db()
    assert first.left_on == today + timedelta(days=10)


def test_a_town_that_left_may_come_back(desk: Desk, cast: Cast) -> None:
    today = timezone.localdate()
    leave(desk, "kehl", today)
    joined = {"municipality": "Kehl", "standing": "member"}
    assert desk.post("accessions/add/", joined_on=str(today - timedelta(days=1)), **joined).status_code == 422
    assert desk.post("accessions/add/", joined_on=str(today), **joined).status_code == 302
    assert desk.invite(email="officer2@kehl.example", role="officer").status_code == 302
    assert Membership.objects.filter(municipality=cast.town("kehl"), ended_on=None).count() == 0


def test_an_exit_of_another_network_does_not_exist(cast: Cast, client_for) -> None:
    accession = cast.network.accessions.get(municipality=cast.town("kehl"))
    assert client_for(cast.other).post(f"/n/regional-digital/accessions/{accession.pk}/end/").status_code == 404
