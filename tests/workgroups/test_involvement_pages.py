"""The buttons and forms of taking part, and what a town is asked, as people meet them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from collab.live.regions import render
from collab.network.models import Accession
from tests.conftest import Cast, involve, make_project
from workgroups.domain.action_item import add_action_item, ask_to_take_over
from workgroups.domain.involvement import hand_over, mark_of, propose_part
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.involvement import part_of_town

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.coordinator)


def at(project: Project, step: str) -> str:
    return f"/n/ortenau/projects/{project.pk}/{step}/"


def role_of(project: Project, town: str, cast: Cast) -> str:
    part = part_of_town(project.pk, cast.town(town).pk)
    return part.role if part else ""


def test_one_click_takes_a_project_on(cast: Cast, project: Project, client_for) -> None:
    answer = client_for(cast.kehl).post(at(project, "take-on"), {"role": "lead"}, headers=HTMX)
    assert answer.status_code == 204
    assert role_of(project, "kehl", cast) == "lead"


def test_who_was_slower_is_told_and_led_to_contributing(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl)
    achern = client_for(cast.achern)
    answer = achern.post(at(project, "take-on"), {"role": "lead"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Kehl has led “E-file” since" in unquote(answer["X-Message"])
    form = achern.get(at(project, "take-on"), {"instead": "contributor", "role": "lead"}).content.decode()
    assert 'value="contributor" required id="id_role_1" checked' in form or 'value="contributor"' in form
    assert "Kehl has led this project since" in form
    assert achern.post(at(project, "take-on"), {"role": "contributor", "seen": ""}, headers=HTMX).status_code == 204
    assert role_of(project, "achern", cast) == "contributor"


def test_without_a_script_the_page_that_follows_says_why(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl)
    answer = client_for(cast.achern).post(at(project, "take-on"), {"role": "lead"}, follow=True)
    assert "Achern can contribute instead" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": ""}, 422),
        ({"role": "owner"}, 422),
        ({"role": "owner", "seen": ""}, 422),
        ({"seen": ""}, 422),
        ({"role": "lead", "seen": "", "since": "yesterday"}, 422),
        ({"role": "lead", "seen": "", "since": "2999-01-01"}, 422),
        ({"role": "lead", "seen": "", "note": "x" * 501}, 422),
        ({"role": "lead", "seen": "9/2020-01-01/old"}, 422),
        ({"role": "lead", "seen": "", "since": "2024-02-03", "note": "Building office"}, 204),
    ],
)
def test_what_the_form_takes(cast: Cast, project: Project, client_for, body: dict[str, str], status: int) -> None:
    assert client_for(cast.kehl).post(at(project, "take-on"), body, headers=HTMX).status_code == status
    assert Involvement.objects.count() == (1 if status == 204 else 0)


def test_who_takes_part_already_is_offered_to_change_its_part(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl, "interested")
    client = client_for(cast.kehl)
    for path in ("/n/ortenau/projects/", "/n/ortenau/projects/?view=table", f"/n/ortenau/projects/{project.pk}/"):
        page = client.get(path).content.decode()
        assert '<span data-not-for-town="08317057">Take part …</span>' in page
        assert '<span data-for-town="08317057" hidden>Change the part …</span>' in page
    form = client.get(at(project, "take-on")).content.decode()
    assert f"Part of Kehl in “{project.title}”" in form
    assert "Leave it empty: the day stays" in form
    assert "Leave it empty for today" in client_for(cast.achern).get(at(project, "take-on")).content.decode()


def test_a_colleagues_change_is_not_overwritten(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl, "interested", timezone.localdate() - timedelta(days=9))
    client = client_for(cast.kehl)
    from tests.permissions.world import fields_of

    shown = fields_of(client.get(at(project, "take-on")).content.decode())
    assert client.post(at(project, "take-on"), {"role": "reuser"}, headers=HTMX).status_code == 204
    answer = client.post(at(project, "take-on"), {**shown, "role": "contributor"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Meanwhile Kehl has the part “Reuser”" in answer.content.decode()
    assert role_of(project, "kehl", cast) == "reuser"


def test_leaving(cast: Cast, project: Project, client_for) -> None:
    seen = {"seen": mark_of(involve(project, cast.kehl))}
    client = client_for(cast.kehl)
    assert client.post(at(project, "leave"), {**seen, "until": "2001-01-01"}, headers=HTMX).status_code == 422
    assert client.post(at(project, "leave"), {}, headers=HTMX).status_code == 422, "a form that showed no part"
    assert client.post(at(project, "leave"), seen, headers=HTMX).status_code == 204
    assert role_of(project, "kehl", cast) == ""
    page = client.get(f"/n/ortenau/projects/{project.pk}/").content.decode()
    assert "Who took part earlier" in page


def test_who_leads_is_told_what_leaving_means(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl)
    involve(project, cast.achern, "contributor")
    lead, contributor = (
        client_for(member).get(at(project, "leave")).content.decode() for member in (cast.kehl, cast.achern)
    )
    assert "Nobody leads the project then" in lead
    assert "Nobody leads the project then" not in contributor


def test_handing_over_and_saying_yes(cast: Cast, project: Project, client_for) -> None:
    involve(project, cast.kehl)
    kehl, achern = client_for(cast.kehl), client_for(cast.achern)
    assert achern.get(at(project, "hand-over")).status_code == 403
    for body in ({}, {"municipality": "08216043"}, {"municipality": cast.town("kehl").pk}):
        assert kehl.post(at(project, "hand-over"), body, headers=HTMX).status_code == 422
    body = {"municipality": cast.town("achern").pk, "stay_as": "reuser", "word": "You know it better"}
    assert kehl.post(at(project, "hand-over"), body, headers=HTMX).status_code == 204
    accession = Accession.objects.get(municipality=cast.town("achern"))
    asked = render(f"asked-{accession.pk}", "officer", "en")
    assert "Achern is asked by Kehl to take over the lead" in asked
    assert "You know it better" in asked
    assert "offer" in asked and "Say yes" in asked
    assert "Say yes" not in render(f"asked-{accession.pk}", "reader", "en")
    offer = Offer.objects.get()
    assert achern.post(f"/n/ortenau/offers/{offer.pk}/accept/", headers=HTMX).status_code == 204
    assert (role_of(project, "achern", cast), role_of(project, "kehl", cast)) == ("lead", "reuser")
    assert "<h2" not in render(f"asked-{accession.pk}", "officer", "en")
    # Whoever led once is told that this is over, and not shown a closed door.
    late = kehl.post(at(project, "hand-over"), body, headers=HTMX)
    assert late.status_code == 422 and "does not lead this project" in late.content.decode()


def test_saying_no_with_a_word(cast: Cast, project: Project, client_for) -> None:
    offer = propose_part(project=project, municipality=cast.town("achern"), role="lead", word="", by=cast.coordinator)
    achern = client_for(cast.achern)
    path = f"/n/ortenau/offers/{offer.pk}/decline/"
    assert achern.post(path, {"answer": "x" * 501}, headers=HTMX).status_code == 422
    assert achern.post(path, {"answer": "Next year"}, headers=HTMX).status_code == 204
    offer.refresh_from_db()
    assert (offer.state, offer.answer) == ("declined", "Next year")
    late = achern.post(f"/n/ortenau/offers/{offer.pk}/accept/", headers=HTMX)
    assert late.status_code == 409


def test_the_coordinator_proposes_and_takes_back(cast: Cast, project: Project, client_for) -> None:
    office = client_for(cast.coordinator)
    for body in ({}, {"municipality": cast.town("kehl").pk, "role": "king"}, {"municipality": "1", "role": "lead"}):
        assert office.post(at(project, "propose"), body, headers=HTMX).status_code == 422
    body = {"municipality": cast.town("kehl").pk, "role": "lead"}
    assert office.post(at(project, "propose"), body, headers=HTMX).status_code == 204
    page = office.get(f"/n/ortenau/projects/{project.pk}/").content.decode()
    assert "Kehl is asked to take on the project" in page
    offer = Offer.objects.get()
    assert office.post(f"/n/ortenau/offers/{offer.pk}/withdraw/", headers=HTMX).status_code == 204
    assert "Kehl is asked" not in office.get(f"/n/ortenau/projects/{project.pk}/").content.decode()


def test_joining_by_a_form(cast: Cast, project: Project, client_for) -> None:
    second = make_project(cast.achern, "E-file of Achern")
    foreign = make_project(cast.other, "Foreign")
    kehl, achern = client_for(cast.kehl), client_for(cast.achern)
    form = kehl.get(at(second, "join"), {"into": project.pk}).content.decode()
    assert "Similar projects" in form
    assert f'value="{project.pk}" selected' in form
    for into in ("", str(second.pk), str(foreign.pk)):
        assert kehl.post(at(second, "join"), {"into": into}, headers=HTMX).status_code == 422
    assert kehl.post(at(second, "join"), {"into": project.pk, "word": "?"}, headers=HTMX).status_code == 204
    assert Offer.objects.get().municipality == cast.town("achern")
    assert achern.post(at(second, "join"), {"into": project.pk}, headers=HTMX).status_code == 204
    page = achern.get(f"/n/ortenau/projects/{second.pk}/").content.decode()
    assert "joined to another one" in page
    assert Offer.objects.get().state == "withdrawn"


def test_an_action_item_is_taken_over_by_the_town_that_was_asked(cast: Cast, client_for) -> None:
    values = {"network": cast.network, "municipality": cast.town("kehl"), "person": None, "due_on": None}
    action = add_action_item(title="Write the call", by=cast.kehl, **values)
    offer = ask_to_take_over(action=action, municipality=cast.town("lahr"), word="", by=cast.kehl)
    guide = client_for(cast.guide)  # of Lahr
    accession = Accession.objects.get(municipality=cast.town("lahr"))
    assert "Lahr is asked to take over the action item" in render(f"asked-{accession.pk}", "guide", "en")
    assert guide.post(f"/n/ortenau/offers/{offer.pk}/accept/", headers=HTMX).status_code == 204
    action.refresh_from_db()
    offer.refresh_from_db()
    assert (action.municipality, offer.state) == (cast.town("lahr"), "accepted")


def test_an_action_item_that_is_declined_stays(cast: Cast, client_for) -> None:
    values = {"network": cast.network, "municipality": cast.town("kehl"), "person": None, "due_on": None}
    action = add_action_item(title="Write the call", by=cast.kehl, **values)
    offer = ask_to_take_over(action=action, municipality=cast.town("achern"), word="", by=cast.kehl)
    path = f"/n/ortenau/offers/{offer.pk}/decline/"
    assert client_for(cast.guide).post(path, headers=HTMX).status_code == 403, "Lahr's, and not asked"
    assert client_for(cast.achern).post(path, {"answer": "No"}, headers=HTMX).status_code == 204
    action.refresh_from_db()
    assert action.municipality == cast.town("kehl")
    history = client_for(cast.kehl).get(f"/n/ortenau/action-items/{action.pk}/").content.decode()
    assert "Achern does not take over “Write the call”" in history


def test_what_of_a_town_is_asked_of_its_colleagues(cast: Cast, project: Project) -> None:
    involve(project, cast.kehl)
    hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
    towns = f"project-towns-{project.pk}"
    officer = render(towns, "officer", "en")
    assert f'data-for-town="{cast.town("kehl").pk}"' in officer
    assert "Take back" in officer
    assert "is asked" not in render(towns, "reader", "en")


def test_nobody_who_is_not_signed_in_or_of_another_network(cast: Cast, project: Project, client_for) -> None:
    for step in ("take-on", "leave", "hand-over", "propose", "join"):
        assert Client().post(at(project, step), {"role": "lead"}).status_code == 302
        assert client_for(cast.other_officer).post(at(project, step), {"role": "lead"}).status_code == 404
    assert not Involvement.objects.exists()
