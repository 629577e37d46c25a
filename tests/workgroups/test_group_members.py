"""Joining a group by request and by invitation, roles in it, leaving it; its files."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import audience_of, render
from collab.network.domain.membership import end
from tests.conftest import Cast
from workgroups.domain.admission import (
    answer_admission,
    ask_to_join,
    invite_to_group,
    leave_group,
    remove_member,
    set_group_role,
    withdraw_admission,
)
from workgroups.domain.group import close_group, edit_group
from workgroups.domain.group_files import attach_group_file
from workgroups.models import Admission, Group, GroupMembership, SharedFile

from .test_groups import GROUPS, HOSTILE, HTMX, found, role_in


def test_who_is_invited_answers_on_the_groups_page(cast: Cast, group: Group, client_for) -> None:
    invitation = invite_to_group(group=group, membership=cast.guide, by=cast.kehl)
    page = client_for(cast.guide).get(f"{GROUPS}{group.pk}/").text
    assert f'admissions/{invitation.pk}/decline/" data-dialog data-for-membership="{cast.guide.pk}"' in page
    form = client_for(cast.guide).get(f"{GROUPS}{group.pk}/join/").text
    assert "Accept the invitation" in form
    assert "decides" not in form and "Ask to join" not in form, "nobody is asked any more"
    assert "decides" in client_for(cast.achern).get(f"{GROUPS}{group.pk}/join/").text


def test_who_accepts_from_the_page_of_an_internal_group_sees_all_of_it(cast: Cast, client_for) -> None:
    group = found(cast.kehl, is_internal=True)
    invite_to_group(group=group, membership=cast.guide, by=cast.kehl)
    client = client_for(cast.guide)
    assert f'id="group-files-{group.pk}"' not in client.get(f"{GROUPS}{group.pk}/").text
    answer = client.post(f"{GROUPS}{group.pk}/join/", {}, headers=HTMX)
    assert f'"{GROUPS}{group.pk}/"' in answer["HX-Trigger"], "the page is opened anew"
    assert f'id="group-files-{group.pk}"' in client.get(f"{GROUPS}{group.pk}/").text


@pytest.fixture
def group(cast: Cast) -> Group:
    """Kehl's officer chairs it."""
    return found(cast.kehl)


def at_home(membership) -> str:
    return render(f"admissions-{membership.pk}", "me", "en")


def answer(client, admission: Admission, name: str, **values):
    return client.post(f"/n/ortenau/admissions/{admission.pk}/{name}/", values, headers=HTMX)


# By request


def test_a_guide_asks_and_the_chair_admits(cast: Cast, group: Group, client_for) -> None:
    guide = client_for(cast.guide)
    for _twice in range(2):
        assert guide.post(f"{GROUPS}{group.pk}/join/", {"word": HOSTILE}, headers=HTMX).status_code == 204
    request = Admission.objects.get()
    assert (request.kind, request.state, request.membership) == ("request", "open", cast.guide)
    assert "You asked to join" in guide.get(f"{GROUPS}{group.pk}/").text
    assert "You asked to join" in at_home(cast.guide)
    for home in (client_for(cast.kehl).get("/n/ortenau/").text, at_home(cast.coordinator)):
        assert "asks to join" in home and "<script>alert" not in home
    assert "asks to join" not in at_home(cast.achern)
    for _twice in range(2):
        assert answer(client_for(cast.kehl), request, "accept").status_code == 204
    assert role_in(group, cast.guide) == "member"
    assert Change.objects.filter(verb="group_joined").count() == 1
    assert "E-Akte" not in at_home(cast.guide)
    assert audience_of(f"group-{group.pk}", cast.guide) == "member"


def test_a_request_is_news_on_the_screens_of_those_who_answer(cast: Cast, group: Group) -> None:
    ask_to_join(group=group, by=cast.guide)
    change = Change.objects.latest("version")
    shown = {f"admissions-{member.pk}" for member in (cast.guide, cast.kehl, cast.coordinator)}
    assert {region for region in change.regions if region.startswith("admissions-")} == shown
    assert change.access == [cast.guide.person_id]


def test_declined_with_a_word(cast: Cast, group: Group, client_for) -> None:
    request = ask_to_join(group=group, by=cast.guide)
    client = client_for(cast.kehl)
    assert client.get(f"/n/ortenau/admissions/{request.pk}/decline/").status_code == 200
    too_long = answer(client, request, "decline", answer="x" * 501)
    assert too_long.status_code == 422
    assert answer(client, request, "decline", answer="We are complete").status_code == 204
    assert role_in(group, cast.guide) is None
    assert "We are complete" in at_home(cast.guide)
    late = answer(client_for(cast.coordinator), request, "accept")
    assert late.status_code == 409
    assert "declined meanwhile" in unquote(late["X-Message"])
    assert ask_to_join(group=group, by=cast.guide).pk != request.pk, "who was declined may ask again"


def test_taken_back(cast: Cast, group: Group, client_for) -> None:
    request = ask_to_join(group=group, by=cast.guide)
    assert answer(client_for(cast.kehl), request, "withdraw").status_code == 403
    for _twice in range(2):
        assert answer(client_for(cast.guide), request, "withdraw").status_code == 204
    with pytest.raises(Refused, match="withdrawn meanwhile"):
        answer_admission(admission=request, accept=True, by=cast.kehl)


@pytest.mark.parametrize(
    ("who", "status"), [("achern", 404), ("guide", 403), ("mayor", 404), ("guest", 404), ("other", 404)]
)
def test_who_does_not_answer_a_request(cast: Cast, group: Group, client_for, who: str, status: int) -> None:
    request = ask_to_join(group=group, by=cast.guide)
    client = client_for(getattr(cast, who))
    assert answer(client, request, "accept").status_code == status
    assert answer(client, request, "decline").status_code == status
    request.refresh_from_db()
    assert request.state == "open"


def test_others_are_not_told_who_asked(cast: Cast, group: Group, client_for) -> None:
    ask_to_join(group=group, by=cast.guide, word="Let me in")
    page = client_for(cast.achern).get(f"{GROUPS}{group.pk}/").text
    assert "Let me in" not in page and "On the way in" not in page
    assert "asks to join" not in client_for(cast.achern).get("/n/ortenau/changes/").text


# By invitation


def test_invited_and_joined(cast: Cast, group: Group, client_for) -> None:
    client = client_for(cast.kehl)
    form = client.get(f"{GROUPS}{group.pk}/invite/").text
    assert str(cast.guide.person) in form and str(cast.guest.person) not in form
    values = {"membership": cast.guide.pk, "word": "You know this"}
    assert client.post(f"{GROUPS}{group.pk}/invite/", values, headers=HTMX).status_code == 204
    invitation = Admission.objects.get()
    assert "You know this" in at_home(cast.guide)
    assert "You are invited" in client_for(cast.guide).get(f"{GROUPS}{group.pk}/").text
    assert answer(client_for(cast.kehl), invitation, "accept").status_code == 403, "nobody joins for another"
    assert answer(client_for(cast.guide), invitation, "accept").status_code == 204
    assert role_in(group, cast.guide) == "member"


@pytest.mark.parametrize("who", ["guest", "other", "coordinator", "kehl"])
def test_who_cannot_be_invited(cast: Cast, group: Group, client_for, who: str) -> None:
    values = {"membership": getattr(cast, who).pk}
    reply = client_for(cast.kehl).post(f"{GROUPS}{group.pk}/invite/", values, headers=HTMX)
    assert reply.status_code == 422
    assert not Admission.objects.exists()


def test_who_asks_and_is_invited_is_in(cast: Cast, group: Group) -> None:
    ask_to_join(group=group, by=cast.guide)
    assert invite_to_group(group=group, membership=cast.guide, by=cast.kehl).state == "accepted"
    invite_to_group(group=group, membership=cast.achern, by=cast.kehl)
    assert ask_to_join(group=group, by=cast.achern).state == "accepted"
    assert {role_in(group, cast.guide), role_in(group, cast.achern)} == {"member"}


def test_an_invitation_taken_back(cast: Cast, group: Group) -> None:
    invitation = invite_to_group(group=group, membership=cast.guide, by=cast.kehl)
    withdraw_admission(admission=invitation, by=cast.coordinator)
    with pytest.raises(Refused, match="withdrawn meanwhile"):
        answer_admission(admission=invitation, accept=True, by=cast.guide)


def test_a_closed_group_takes_nobody(cast: Cast, group: Group) -> None:
    invitation = invite_to_group(group=group, membership=cast.guide, by=cast.kehl)
    close_group(group=group, word="Done", by=cast.kehl)
    for attempt in (
        lambda: ask_to_join(group=group, by=cast.achern),
        lambda: invite_to_group(group=group, membership=cast.achern, by=cast.kehl),
        lambda: answer_admission(admission=invitation, accept=True, by=cast.guide),
        lambda: attach_group_file(group=group, upload=SimpleUploadedFile("a.txt", b"a"), by=cast.kehl),
    ):
        with pytest.raises(Refused, match="is closed"):
            attempt()
    assert answer_admission(admission=invitation, accept=False, by=cast.guide).state == "declined"


# Roles, leaving


def test_roles_decide_what_one_may_do(cast: Cast, group: Group, client_for) -> None:
    answer_admission(admission=ask_to_join(group=group, by=cast.guide), accept=True, by=cast.kehl)
    address = f"{GROUPS}{group.pk}/members/{cast.guide.pk}/role/"
    client = client_for(cast.kehl)
    assert client.post(address, {"role": "king"}, headers=HTMX).status_code == 422
    for _twice in range(2):
        assert client.post(address, {"role": "chair"}, headers=HTMX).status_code == 204
    assert Change.objects.filter(verb="group_role_chair").count() == 1
    assert Change.objects.latest("version").access == [cast.guide.person_id]
    set_group_role(group=group, membership=cast.kehl, role="member", by=cast.guide)
    assert client.get(f"{GROUPS}{group.pk}/edit/").status_code == 403
    assert client.get(f"{GROUPS}{group.pk}/members/{cast.achern.pk}/role/").status_code == 403


def test_a_role_for_who_belongs_by_office(cast: Cast, client_for) -> None:
    address = f"{GROUPS}{cast.group.pk}/members/{cast.kehl.pk}/role/"
    assert client_for(cast.coordinator).post(address, {"role": "minutes"}, headers=HTMX).status_code == 204
    assert role_in(cast.group, cast.kehl) == "minutes"
    leave_group(group=cast.group, by=cast.kehl)
    assert audience_of(f"group-{cast.group.pk}", cast.kehl) == "member", "an officer stays with the officers"


def test_leaving_and_being_taken_out(cast: Cast, group: Group, client_for) -> None:
    for member in (cast.guide, cast.achern):
        invite_to_group(group=group, membership=member, by=cast.kehl)
        ask_to_join(group=group, by=member)
    assert "Leave the group?" in client_for(cast.guide).get(f"{GROUPS}{group.pk}/leave/").text
    assert client_for(cast.guide).post(f"{GROUPS}{group.pk}/leave/", headers=HTMX).status_code == 204
    assert client_for(cast.guide).get(f"{GROUPS}{group.pk}/leave/").status_code == 403
    address = f"{GROUPS}{group.pk}/members/{cast.achern.pk}/remove/"
    assert client_for(cast.kehl).post(address, headers=HTMX).status_code == 204
    assert role_in(group, cast.achern) is None
    remove_member(group=group, membership=cast.achern, by=cast.kehl)
    assert Change.objects.filter(verb="group_member_removed").count() == 1


# Files


def test_members_keep_files(cast: Cast, group: Group, client_for) -> None:
    client = client_for(cast.kehl)
    for _twice in range(2):
        upload = SimpleUploadedFile("Plan „Kehl“.txt", b"plan")
        assert client.post(f"{GROUPS}{group.pk}/files/add/", {"file": upload}, headers=HTMX).status_code == 204
    shared = SharedFile.objects.get()
    reply = client_for(cast.mayor).get(f"{GROUPS}files/{shared.pk}/")
    assert b"".join(reply.streaming_content) == b"plan"
    assert reply["Content-Disposition"].startswith("attachment")
    assert client_for(cast.guide).get(f"{GROUPS}{group.pk}/files/add/").status_code == 403
    assert client_for(cast.guide).post(f"{GROUPS}files/{shared.pk}/remove/", headers=HTMX).status_code == 403
    assert client.post(f"{GROUPS}files/{shared.pk}/remove/", headers=HTMX).status_code == 204
    assert client.get(f"{GROUPS}files/{shared.pk}/").status_code == 404
    assert SharedFile.objects.count() == 1, "the record stays"


@pytest.mark.parametrize(("name", "content"), [("virus.exe", b"MZ"), ("photo.png", b"text"), ("empty.txt", b"")])
def test_files_that_are_not_taken(cast: Cast, group: Group, client_for, name: str, content: bytes) -> None:
    upload = SimpleUploadedFile(name, content)
    reply = client_for(cast.kehl).post(f"{GROUPS}{group.pk}/files/add/", {"file": upload}, headers=HTMX)
    assert reply.status_code == 422
    assert not SharedFile.objects.exists()


def test_the_files_of_an_internal_group_are_its_own(cast: Cast, group: Group, client_for) -> None:
    edit_group(group=group, name=group.name, purpose="", is_internal=True, version=1, by=cast.kehl)
    shared = attach_group_file(group=group, upload=SimpleUploadedFile("secret.txt", b"s"), by=cast.kehl)
    seen = {who: client_for(getattr(cast, who)).get(f"{GROUPS}files/{shared.pk}/").status_code for who in WHO}
    assert seen == {"kehl": 200, "coordinator": 200, "achern": 404, "mayor": 404, "guest": 404, "other": 404}
    for who in ("achern", "mayor"):
        for page in ("/n/ortenau/", "/n/ortenau/changes/", f"{GROUPS}{group.pk}/", GROUPS):
            assert "secret.txt" not in client_for(getattr(cast, who)).get(page).text


WHO = ("kehl", "coordinator", "achern", "mayor", "guest", "other")


def test_who_has_left_the_network_meanwhile_is_not_let_in(cast: Cast, group: Group, client_for) -> None:
    request = ask_to_join(group=group, by=cast.guide)
    end(membership=cast.guide, by=cast.coordinator)
    refused = answer(client_for(cast.kehl), request, "accept")
    assert "does not belong to this network any more" in unquote(refused["X-Message"])
    assert not GroupMembership.objects.filter(group=group, membership=cast.guide).exists()
