"""From the coordinator's invitation to the new member's first page."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from collab.network.models import Invitation, Membership, Person
from tests.conftest import Cast, make_cast
from tests.network.conftest import Desk, link_in_mail

GOOD = "Schwarzwald-Kirsch-9"
PAGE = "/invitation/"
# What differs between two pages anyway: names, ids, versions, keys of forms.
WITHOUT_KEYS = re.compile(r'csrf[^>]*>|content="[^"]*"|-\d+|/\d+/|data-[a-z]+="[^"]*"|value="[^"]*"')


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, email_messages: object) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")


def join(browser: Client, path: str, password: str = GOOD):
    look(browser, path)
    return browser.post(PAGE, {"password1": password, "password2": password})


def look(browser: Client, path: str):
    """What the browser shows behind a link."""
    return browser.get(path, follow=True)


def shown_link(desk: Desk) -> str:
    """The path of the link that the coordinator has shown to pass it on."""
    page = desk.post(f"invitations/{Invitation.objects.get().pk}/link/").content.decode()
    return page.partition('value="http://testserver')[2].partition('"')[0]


def test_the_story(desk: Desk, visitor: Client) -> None:
    answer = desk.invite()
    assert answer.status_code == 302
    assert mail.outbox[-1].to == ["guide@kehl.example"]
    assert "Ortenau Digital" in mail.outbox[-1].subject
    for word in ("Coordinator invites you", "Digital guide", "Kehl", "Ortenau Digital", "valid until"):
        assert word in mail.outbox[-1].body
    assert "guide@kehl.example" in desk.page()

    page = look(visitor, link_in_mail())
    assert "Digitallots:in Kehl" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    answer = join(visitor, link_in_mail())
    assert answer["Location"] == "/n/ortenau/"
    assert visitor.get("/n/ortenau/members/").status_code == 200
    page = desk.page()
    assert "Open invitations" not in page
    assert "Digitallots:in Kehl" in page
    member = Membership.objects.get(person__email="guide@kehl.example")
    assert (member.role, member.municipality.short_name) == ("guide", "Kehl")


def test_the_mail_is_in_the_language_of_the_inviter(cast: Cast, client_for) -> None:
    Desk(cast, client_for(cast.coordinator, "de")).invite()
    expiry = Invitation.objects.get().expires_at
    with translation.override("de"):
        assert date_format(timezone.localtime(expiry)) in mail.outbox[-1].body


def test_the_token_itself_is_not_kept(desk: Desk) -> None:
    desk.invite()
    token = link_in_mail().rstrip("/").rpartition("/")[2]
    assert token not in str(Invitation.objects.values().get())


def test_join_without_a_password(desk: Desk, visitor: Client) -> None:
    desk.invite()
    assert join(visitor, link_in_mail(), "").status_code == 302
    assert not Person.objects.get(email="guide@kehl.example").has_usable_password()


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [("short", "short", "too short"), (GOOD, GOOD + "x", "differ"), ("passwort123456", "", "differ")],
)
def test_bad_passwords_are_refused(desk: Desk, visitor: Client, first: str, second: str, why: str) -> None:
    desk.invite()
    look(visitor, link_in_mail())
    answer = visitor.post(PAGE, {"password1": first, "password2": second})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Person.objects.filter(email="guide@kehl.example").exists()


def test_an_account_signs_in_first_and_joins_with_a_click(desk: Desk, cast: Cast, visitor: Client) -> None:
    desk.invite(email=cast.other_officer.person.email.upper())
    page = look(visitor, link_in_mail()).content.decode()
    assert "/accounts/login/?next=%2Finvitation%2F" in page
    assert visitor.post(PAGE).status_code == 403
    visitor.force_login(cast.other_officer.person)
    assert visitor.post(PAGE)["Location"] == "/n/ortenau/"
    assert cast.other_officer.person.memberships.filter(ended_on=None).count() == 2


def test_somebody_else_cannot_use_it(desk: Desk, cast: Cast, client_for) -> None:
    desk.invite()
    stranger = client_for(cast.other)
    page = look(stranger, link_in_mail()).content.decode()
    assert "for somebody else" in page
    assert cast.other.person.email in page
    assert join(stranger, link_in_mail()).status_code == 403
    assert not cast.other.person.memberships.filter(network=cast.network).exists()


def test_an_expired_invitation_says_what_to_do(desk: Desk, visitor: Client) -> None:
    desk.invite()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    for answer in (look(visitor, link_in_mail()), join(visitor, link_in_mail())):
        assert answer.status_code == 410
        assert "has expired" in answer.content.decode()
        assert "ask the coordinator of Ortenau Digital" in answer.content.decode()
    assert "expired" in desk.page()


def test_an_expired_invitation_is_replaced_by_a_new_one(desk: Desk, visitor: Client) -> None:
    desk.invite()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert desk.invite().status_code == 302
    assert join(visitor, link_in_mail()).status_code == 302


def test_a_revoked_invitation_is_gone(desk: Desk, visitor: Client) -> None:
    desk.invite()
    invitation = Invitation.objects.get()
    assert desk.post(f"invitations/{invitation.pk}/revoke/").status_code == 302
    answer = join(visitor, link_in_mail())
    assert answer.status_code == 410
    assert "taken back" in answer.content.decode()
    assert "Open invitations" not in desk.page()


def test_a_used_invitation_is_gone(desk: Desk, visitor: Client) -> None:
    desk.invite()
    path = link_in_mail()
    join(visitor, path)
    # The new member who clicks the link again is simply at home.
    assert look(visitor, path).redirect_chain[-1][0] == "/n/ortenau/"
    assert join(Client(headers={"accept-language": "en"}), path).status_code == 410
    assert Membership.objects.filter(person__email="guide@kehl.example").count() == 1


def test_an_unknown_link_tells_nothing(db: None, visitor: Client) -> None:
    answer = visitor.get("/invitation/abcdefgh/")
    assert answer.status_code == 404
    assert "Ortenau" not in answer.content.decode()


def test_the_town_has_left_meanwhile(desk: Desk, cast: Cast, visitor: Client) -> None:
    desk.invite()
    accession = cast.network.accessions.get(municipality=cast.town("kehl"))
    desk.post(f"accessions/{accession.pk}/end/", left_on=str(timezone.localdate()))
    answer = join(visitor, link_in_mail())
    assert answer.status_code == 410
    assert "Kehl is no longer a member" in answer.content.decode()


def test_sending_again_makes_the_old_link_useless(desk: Desk, visitor: Client) -> None:
    desk.invite()
    old = link_in_mail()
    desk.post(f"invitations/{Invitation.objects.get().pk}/resend/")
    assert link_in_mail() != old
    assert visitor.get(old).status_code == 404
    assert join(visitor, link_in_mail()).status_code == 302


def test_the_same_form_sent_twice_invites_once(desk: Desk) -> None:
    once = uuid4()
    assert desk.invite(request_id=once).status_code == 302
    assert desk.invite(request_id=once).status_code == 302
    assert Invitation.objects.count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"email": "Officer@Kehl.example"}, "is a member of this network already"),
        ({"municipality": ""}, "please choose one"),
        ({"role": "guest", "municipality": ""}, "which organisation"),
        ({"email": "not an address"}, "valid email"),
        ({"name": ""}, "required"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "null\x00byte"}, "Null"),
        ({"municipality": "08216043"}, "valid choice"),  # Rastatt is in the other network
        ({"role": "emperor"}, "valid choice"),
    ],
)
def test_errors_of_the_form(desk: Desk, values: dict[str, str], why: str) -> None:
    answer = desk.invite(**values)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_invited_already(desk: Desk) -> None:
    desk.invite()
    answer = desk.invite(email="GUIDE@kehl.example")
    assert "is invited already" in answer.content.decode()


def test_a_dead_mail_server_keeps_the_invitation(desk: Desk, settings, visitor: Client) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    answer = desk.invite()
    invitation = Invitation.objects.get()
    assert answer["Location"] == f"/n/ortenau/invitations/{invitation.pk}/link/?mail=failed"
    page = desk.client.get(answer["Location"]).content.decode()
    assert "could not be sent" in page
    assert "/invitation/" not in page
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert by_code(visitor, shown_link(desk), "guide@kehl.example")["Location"] == "/n/ortenau/"


def by_code(browser: Client, path: str, email: str):
    """Join by a link that was shown: first by a code in one's own mailbox, then by a click."""
    look(browser, path)
    sign_in = browser.post(PAGE)["Location"]
    assert sign_in == "/accounts/login/code/?next=%2Finvitation%2F"
    confirm = browser.post(sign_in, {"email": email, "next": PAGE})["Location"]
    assert mail.outbox[-1].to == [email]
    code = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    assert browser.post(confirm, {"code": code[1]})["Location"] == PAGE
    return browser.post(PAGE)


def test_who_saw_the_link_cannot_take_the_account(desk: Desk, visitor: Client) -> None:
    desk.invite(email="victim@gengenbach.example")
    link = shown_link(desk)
    assert "password" not in look(visitor, link).content.decode()
    answer = join(visitor, link)
    assert answer["Location"].startswith("/accounts/login/code/")
    assert "_auth_user_id" not in visitor.session
    victim = Person.objects.get(email="victim@gengenbach.example")
    assert not victim.has_usable_password()
    assert not victim.memberships.exists()
    # The mailbox opens it.
    assert by_code(Client(), link, victim.email)["Location"] == "/n/ortenau/"
    assert victim.memberships.get().network.slug == "ortenau"


def test_a_shown_link_does_not_tell_whether_there_is_an_account(desk: Desk, cast: Cast) -> None:
    pages = []
    for email in ("stranger@achern.example", cast.other_officer.person.email):
        desk.invite(email=email)
        browser, link = Client(headers={"accept-language": "en"}), shown_link(desk)
        seen = look(browser, link).content.decode().replace(email, "EMAIL")
        answer = browser.post(PAGE)
        members = desk.page().replace(email, "EMAIL")
        pages.append([WITHOUT_KEYS.sub("", text) for text in (seen, answer["Location"], members)])
        desk.post(f"invitations/{Invitation.objects.get().pk}/revoke/")
        Invitation.objects.all().delete()
    assert pages[0] == pages[1]


def test_a_link_sent_by_mail_after_one_was_shown_sets_a_password(desk: Desk, visitor: Client) -> None:
    desk.invite()
    shown_link(desk)
    desk.post(f"invitations/{Invitation.objects.get().pk}/resend/")
    assert join(visitor, link_in_mail())["Location"] == "/n/ortenau/"
    assert Person.objects.get(email="guide@kehl.example").has_usable_password()


def test_a_link_replaced_while_it_was_open_joins_nobody(desk: Desk, visitor: Client) -> None:
    desk.invite()
    look(visitor, link_in_mail())
    shown_link(desk)
    assert visitor.post(PAGE, {"password1": GOOD, "password2": GOOD}).status_code == 404
    assert not Person.objects.filter(email="guide@kehl.example").exists()


def test_the_key_does_not_stay_in_the_address(desk: Desk, visitor: Client, caplog) -> None:
    desk.invite()
    link = link_in_mail()
    answer = visitor.get(link)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    token = link.strip("/").rpartition("/")[2]
    assert token not in visitor.get(PAGE).content.decode()
    assert token not in str(dict(visitor.session))
    Invitation.objects.update(revoked_at=timezone.now())
    assert look(visitor, link).status_code == 410
    assert token not in caplog.text


def test_who_signs_out_for_an_invitation_still_has_it(desk: Desk, cast: Cast, client_for) -> None:
    desk.invite()
    browser = client_for(cast.other)
    look(browser, link_in_mail())
    browser.post("/accounts/logout/", {"next": PAGE})
    assert browser.post(PAGE, {"password1": GOOD, "password2": GOOD})["Location"] == "/n/ortenau/"
    look(browser, link_in_mail())
    browser.post("/accounts/logout/")
    assert browser.get(PAGE).status_code == 404


def test_hostile_text_stays_text(desk: Desk, cast: Cast, client_for) -> None:
    hostile = "<script>alert(1)</script>\u202e😀{{ 7 }}"
    desk.invite(name=hostile)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\u202e😀{{ 7 }}" in desk.page()
    assert "<script>alert(1)" not in desk.page()
    Person.objects.filter(pk=cast.kehl.person_id).update(name=hostile)
    for path in ("/n/ortenau/members/", f"/n/ortenau/members/{cast.kehl.pk}/role/", "/n/ortenau/"):
        assert "<script>alert(1)" not in desk.client.get(path).content.decode()


def test_only_the_coordinator_invites(cast: Cast, client_for) -> None:
    for member in (cast.kehl, cast.mayor, cast.guide, cast.guest):
        assert Desk(cast, client_for(member)).invite().status_code == 403
    assert Desk(cast, client_for(cast.other)).invite().status_code == 404
    assert not Invitation.objects.exists()


def test_other_networks_invitations_do_not_exist(desk: Desk, cast: Cast, client_for) -> None:
    desk.invite()
    foreign = client_for(cast.other)
    for path in ("resend", "revoke", "link"):
        path = f"/n/regional-digital/invitations/{Invitation.objects.get().pk}/{path}/"
        assert foreign.get(path).status_code == 404
        assert foreign.post(path).status_code == 404
    for path in ("resend", "revoke", "link"):
        path = f"/n/ortenau/invitations/{Invitation.objects.get().pk}/{path}/"
        assert client_for(cast.kehl).get(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_member(client_for) -> None:
    cast = make_cast()
    Desk(cast, client_for(cast.coordinator)).invite()
    together, answers = Barrier(2), []
    browsers = [Client(), Client()]
    for browser in browsers:
        look(browser, link_in_mail())

    def click(browser: Client) -> None:
        together.wait()
        answers.append(browser.post(PAGE, {"password1": GOOD, "password2": GOOD}).status_code)
        connection.close()

    threads = [Thread(target=click, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 410]
    assert Membership.objects.filter(person__email="guide@kehl.example").count() == 1
    assert Person.objects.filter(email="guide@kehl.example").count() == 1
