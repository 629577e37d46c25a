"""Making things public: exactly what the preview showed, by the coordinator alone, and gone at once when taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused
from meetings.domain.agenda import propose_item
from meetings.domain.carry import carry_items
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.finalise import finalise
from meetings.domain.leading import split_item
from meetings.domain.public_site import edit_public_site, set_public_date
from meetings.domain.publication import Changed, publish_decision, publish_item, withdraw
from meetings.domain.room import activate_item, open_meeting
from meetings.domain.visibility import set_decision_visibility, set_item_visibility
from meetings.domain.vote import open_vote, withdraw_vote
from meetings.models import AgendaItem, Decision, Meeting, Minutes, MinutesVersion, Publication, PublicSite
from meetings.queries.minutes import minutes_of
from meetings.queries.minutes_content import canonical
from meetings.queries.public_content import of_decision, of_item, seal_of
from tests.conftest import Cast, involve, make_meeting, make_project
from workgroups.models import Group

HTMX = {"hx-request": "true"}
LANGUAGE = {"accept-language": "de"}


@pytest.fixture
def decision(cast: Cast) -> Decision:
    meeting = make_meeting(cast, date=timezone.localdate())
    item = propose_item(meeting=meeting, by=cast.coordinator, title="E-Akte")
    open_meeting(meeting=meeting, by=cast.coordinator)
    return record_decision(item=item, wording="Wir führen die E-Akte ein.", mode="unanimous", by=cast.coordinator)


def open_site(cast: Cast, **values: Any) -> None:
    shown = {"intro": "", "shows_members": True, "shows_projects": True, "shows_dates": True, **values}
    edit_public_site(version=1, is_open=True, by=cast.coordinator, **shown)


def publish(decision: Decision, cast: Cast) -> Publication:
    return publish_decision(decision=decision, seal=seal_of(of_decision(decision)), by=cast.coordinator)


def anonymous() -> Client:
    return Client(headers=LANGUAGE)


def address(cast: Cast, rest: str = "") -> str:
    return f"/public/{cast.network.slug}/{rest}"


def test_what_the_preview_shows_is_what_everybody_reads(cast: Cast, decision: Decision, client_for: Any) -> None:
    open_site(cast)
    coordinator, path = client_for(cast.coordinator), f"/n/ortenau/decisions/{decision.reference}/publish/"
    page = coordinator.get(path).text
    seal = re.search(r'name="seal" value="([0-9a-f]{64})"', page)[1]  # type: ignore[index]
    assert anonymous().get(address(cast, f"decisions/{decision.reference}/")).status_code == 404
    for _again in range(2):
        answer = coordinator.post(path, {"seal": seal}, headers=HTMX)
        assert answer.status_code == 204
        assert f"/n/ortenau/decisions/{decision.reference}/" in answer["HX-Trigger"], "it leads back by itself"
    assert Publication.objects.count() == 1
    text = anonymous().get(address(cast, f"decisions/{decision.reference}/")).text
    for said in ("Wir führen die E-Akte ein.", "einstimmig", "Fachgruppe"):
        assert said in text
    assert str(cast.coordinator.person.name) not in text, "people stay inside"
    assert decision.reference in anonymous().get(address(cast)).text


def test_what_has_changed_since_the_preview_is_not_made_public(cast: Cast, decision: Decision, client_for: Any) -> None:
    seal = seal_of(of_decision(decision))
    Decision.objects.filter(pk=decision.pk).update(wording="Wir führen sie später ein.")
    with pytest.raises(Changed):
        publish_decision(decision=decision, seal=seal, by=cast.coordinator)
    answer = client_for(cast.coordinator).post(f"/n/ortenau/decisions/{decision.reference}/publish/", {"seal": seal})
    assert answer.status_code == 409
    assert "Wir führen sie später ein." in answer.text
    assert not Publication.objects.exists()


def test_taken_back_it_is_gone_everywhere_at_once(cast: Cast, decision: Decision, client_for: Any) -> None:
    open_site(cast)
    publication = publish(decision, cast)
    path, reader = address(cast, f"decisions/{decision.reference}/"), anonymous()
    etag = reader.get(path)["ETag"]
    with pytest.raises(Refused):
        withdraw(publication=publication, reason=" ", by=cast.coordinator)
    gone = f"/n/ortenau/publications/{publication.pk}/withdraw/"
    assert client_for(cast.coordinator).post(gone, {"reason": ""}, headers=HTMX).status_code == 422
    assert client_for(cast.coordinator).post(gone, {"reason": "Ein Versehen"}, headers=HTMX).status_code == 204
    assert reader.get(path, headers={"if-none-match": etag}).status_code == 404
    for page in ("", "decisions/", "dates/", "minutes/"):
        assert decision.reference not in reader.get(address(cast, page)).text
    assert reader.get(f"/n/ortenau/b/{decision.reference}/")["Location"].startswith("/accounts/login/")
    assert Decision.objects.get(pk=decision.pk).visibility == "network"


def test_what_is_for_the_group_only_is_not_made_public(cast: Cast, decision: Decision) -> None:
    by = cast.coordinator
    set_decision_visibility(decision=decision, visibility="group", seen="network", by=by)
    with pytest.raises(Refused):
        publish(decision, cast)
    set_decision_visibility(decision=decision, visibility="network", seen="group", by=by)
    publish(decision, cast)
    with pytest.raises(Refused):
        set_decision_visibility(decision=decision, visibility="group", seen="public", by=by)
    with pytest.raises(Refused):
        set_item_visibility(item=decision.item, visibility="group", seen="network", by=by)  # type: ignore[arg-type]


def test_whoever_comes_second_is_told(cast: Cast, decision: Decision) -> None:
    by = cast.coordinator
    set_decision_visibility(decision=decision, visibility="group", seen="network", by=by)
    again = set_decision_visibility(decision=decision, visibility="group", seen="network", by=by)
    assert again.visibility == "group", "said twice, it is said once"
    with pytest.raises(Refused):
        set_decision_visibility(decision=decision, visibility="network", seen="network", by=by)


def test_the_public_pages_are_kept_by_caches_and_know_nobody(
    cast: Cast, decision: Decision, client_for: Any, django_assert_num_queries: Any
) -> None:
    open_site(cast)
    publish(decision, cast)
    reader = client_for(cast.kehl)
    for page in ("", "decisions/", f"decisions/{decision.reference}/", "projects/", "minutes/", "dates/"):
        answer = reader.get(address(cast, page))
        assert answer.status_code == 200, page
        assert answer["Cache-Control"] == "public, no-cache"
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        with django_assert_num_queries(2):  # the site and the version of the network: no session
            again = reader.get(address(cast, page), headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304
        head = reader.head(address(cast, page))
        assert (head.status_code, head.content) == (200, b"")
    english = reader.get(address(cast), {"lang": "en"})
    assert english["ETag"] != reader.get(address(cast))["ETag"]
    assert 'lang="en"' in english.text


def test_closed_pages_are_not_there(cast: Cast, decision: Decision) -> None:
    publish(decision, cast)
    for page in ("", "decisions/", f"decisions/{decision.reference}/", "projects/", "minutes/", "minutes/1/", "dates/"):
        answer = anonymous().get(address(cast, page))
        assert answer.status_code == 404
        assert not answer.cookies
        assert cast.network.name not in answer.text


def test_projects_and_dates_show_nothing_of_internal_groups(cast: Cast) -> None:
    open_site(cast)
    inner = Group.objects.create(network=cast.network, kind="working_group", name="Intern", is_internal=True)
    involve(make_project(cast.kehl, "Parken"), cast.kehl)
    make_project(cast.kehl, "Geheimsache", group=inner)
    meeting = make_meeting(cast, title="Bürgertag")
    hidden = make_meeting(cast, title="Nicht öffentlich")
    set_public_date(meeting=meeting, is_public=True, by=cast.coordinator)
    item = propose_item(meeting=meeting, by=cast.coordinator, title="Digitale Bürgerdienste")
    publish_item(item=item, seal=seal_of(of_item(item)), by=cast.coordinator)
    projects, dates = anonymous().get(address(cast, "projects/")).text, anonymous().get(address(cast, "dates/")).text
    assert "Parken" in projects and "Kehl" in projects and "Geheimsache" not in projects
    assert "Bürgertag" in dates and "Digitale Bürgerdienste" in dates and hidden.title not in dates


def test_pages_take_the_same_number_of_queries_however_much_is_public(cast: Cast, decision: Decision) -> None:
    open_site(cast)
    one = publish(decision, cast)
    pages = ("", "decisions/", f"decisions/{decision.reference}/", "projects/", "minutes/", "dates/")
    publish_more(cast, one, [1])
    few = [queries_of(address(cast, page)) for page in pages]
    publish_more(cast, one, range(2, 51))
    assert "Seite" in anonymous().get(address(cast, "decisions/")).text
    assert [queries_of(address(cast, page)) for page in pages] == few


def queries_of(path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert anonymous().get(path).status_code == 200
    return len(captured)


def publish_more(cast: Cast, like: Publication, numbers: Iterable[int]) -> None:
    """Make public as many decisions, minutes, projects and dates."""
    for number in numbers:
        decision = Decision.objects.get(pk=like.decision_id)
        decision.pk, decision.number, decision.request_id = None, 100 + number, None
        decision.save()
        meeting = make_meeting(cast, is_public=True)
        version = MinutesVersion.objects.create(
            network=cast.network,
            minutes=Minutes.objects.create(meeting=meeting),
            number=1,
            chain=f"group:{number}",
            position=1,
            content="{}",
            finalised_by=cast.coordinator,
            finalised_at=timezone.now(),
        )
        item = AgendaItem.objects.create(meeting=meeting, title="E-Akte", state="planned", position=1)
        involve(make_project(cast.kehl, f"Projekt {number}"), cast.kehl)
        values = {"network": cast.network, "published_by": cast.coordinator, "published_at": timezone.now()}
        Publication.objects.create(decision=decision, content=like.content, **values)
        Publication.objects.create(minutes=version, content="{}", **values)
        Publication.objects.create(item=item, content=canonical(of_item(item)), **values)


def test_what_comes_of_a_public_item_is_not_public_by_itself(cast: Cast) -> None:
    meeting, by = make_meeting(cast, date=timezone.localdate()), cast.coordinator
    item = propose_item(meeting=meeting, by=by, title="E-Akte")
    publish_item(item=item, seal=seal_of(of_item(item)), by=by)
    open_meeting(meeting=meeting, by=by)
    activate_item(item=item, expected=Meeting.objects.get(pk=meeting.pk).active_item_id, by=by)
    rest = split_item(item=item, title="Rest", minutes=5, by=by)
    vote = open_vote(item=item, kind="open", text="Es geht los.", by=by)
    assert vote.visibility == rest.visibility == "network"
    withdraw_vote(vote=vote, reason="Anders", by=by)
    decision = record_decision(item=item, wording="Es geht los.", mode="unanimous", by=by)
    assert decision.visibility == "network"
    (copy,) = carry_items([AgendaItem.objects.get(pk=item.pk)], make_meeting(cast))
    assert copy.visibility == "network"


def test_a_newer_version_or_a_hidden_item_after_the_preview_is_looked_at_again(cast: Cast, client_for: Any) -> None:
    meeting, by = make_meeting(cast, date=timezone.localdate()), cast.coordinator
    item = propose_item(meeting=meeting, by=by, title="Heikles")
    open_meeting(meeting=meeting, by=by)
    close_meeting(meeting=meeting, by=by)
    minutes = minutes_of(Meeting.objects.get(pk=meeting.pk))
    finalise(minutes=minutes, version=minutes.version, by=by)
    path, coordinator = f"/n/ortenau/meetings/{meeting.pk}/minutes/publish/", client_for(by)
    seal = re.search(r'name="seal" value="([0-9a-f]{64})"', coordinator.get(path).text)[1]  # type: ignore[index]
    set_item_visibility(item=item, visibility="group", seen="network", by=by)
    answer = coordinator.post(path, {"seal": seal})
    assert answer.status_code == 409
    assert "Heikles" not in answer.text
    for sent in ({}, {"seal": "x" * 65}, {"seal": ["a", "b"], "names": "\0"}, {"seal": "ß" * 64}):
        assert coordinator.post(path, sent).status_code in (409, 422)
    assert not Publication.objects.exists()
    open_site(cast)
    assert coordinator.post(path, {"seal": re.search(r'name="seal" value="([0-9a-f]{64})"', answer.text)[1]})  # type: ignore[index]
    assert "Heikles" not in anonymous().get(address(cast, f"minutes/{meeting.pk}/")).text


def test_the_coordinator_finds_the_public_pages_in_the_account_menu(cast: Cast, client_for: Any) -> None:
    link = 'href="/n/ortenau/public-pages/"'
    assert link in client_for(cast.coordinator).get("/n/ortenau/decisions/").text
    assert link not in client_for(cast.kehl).get("/n/ortenau/decisions/").text


def test_the_list_of_public_minutes_is_in_the_plural(cast: Cast) -> None:
    open_site(cast)
    page = anonymous().get(address(cast, "minutes/")).text
    assert re.search(r"<h1[^>]*>\s*Protokolle\s*</h1>", page)


def test_who_has_no_account_finds_the_networks_that_are_open(cast: Cast, client: Client) -> None:
    def shown() -> str:
        return client.get("/public/?lang=en").text

    assert "No network has opened its public pages yet" in shown()
    site = PublicSite.objects.create(network=cast.network, is_open=True)
    assert '<a href="/public/ortenau/?lang=en">Ortenau Digital</a>' in shown() and "Digital Regional" not in shown()
    assert not client.cookies and '<a href="/public/">' in client.get("/accounts/login/").text
    seen = client.get("/public/")
    assert client.get("/public/", headers={"if-none-match": seen["ETag"]}).status_code == 304
    site.is_open = False
    site.save()
    again = client.get("/public/", headers={"if-none-match": seen["ETag"]})
    assert again.status_code == 200 and "Ortenau" not in again.text
