"""Signing in and out."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from collab.network.models import Person
from tests.conftest import PASSWORD, Cast
from tests.network.test_invitations import BrokenBackend  # noqa: F401 - named in a setting below

LOGIN = "/accounts/login/"


@pytest.fixture
def officer(cast: Cast) -> Person:
    cast.kehl.person.set_password(PASSWORD)
    cast.kehl.person.save()
    return cast.kehl.person


def sign_in(browser: Client, email: str, password: str = PASSWORD, **more: str):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def code_in_mail() -> str:
    found = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def is_signed_in(browser: Client) -> bool:
    return browser.get("/n/ortenau/members/").status_code == 200


def test_by_password(officer: Person, visitor: Client) -> None:
    answer = sign_in(visitor, "Officer@Kehl.example", next="/n/ortenau/members/")
    assert answer["Location"] == "/n/ortenau/members/"
    assert is_signed_in(visitor)


def test_next_leads_to_no_other_site(officer: Person, visitor: Client) -> None:
    answer = sign_in(visitor, officer.email, next="https://evil.example/")
    assert answer["Location"] == "/"


def test_by_code(cast: Cast, visitor: Client) -> None:
    answer = visitor.post("/accounts/login/code/", {"email": "mayor@kehl.example", "next": "/n/ortenau/members/"})
    assert "/accounts/login/code/confirm/" in answer["Location"]
    assert mail.outbox[-1].to == ["mayor@kehl.example"]
    answer = visitor.post(answer["Location"], {"code": code_in_mail()})
    assert answer["Location"] == "/n/ortenau/members/"
    assert is_signed_in(visitor)


def test_a_wrong_code_does_not_open(cast: Cast, visitor: Client) -> None:
    answer = visitor.post("/accounts/login/code/", {"email": "mayor@kehl.example"})
    for _ in range(6):
        visitor.post(answer["Location"], {"code": "AAAA-BBBB"})
    visitor.post(answer["Location"], {"code": code_in_mail()})
    assert not is_signed_in(visitor)


def text_of(answer, email: str) -> str:
    return re.sub(r'csrf[^>]*>|content="[^"]*"|value="[^"]*"', "", answer.content.decode().replace(email, "EMAIL"))


def test_nothing_shows_whether_there_is_an_account(officer: Person, visitor: Client) -> None:
    known, unknown = officer.email, "officer@nowhere.example"
    answers = [sign_in(Client(), email, "Wrong-Password-1") for email in (known, unknown)]
    assert text_of(answers[0], known) == text_of(answers[1], unknown)
    for path in ("/accounts/login/code/", "/accounts/password/reset/"):
        mail.outbox.clear()
        pages = []
        for email in (known, unknown):
            pages.append(text_of(Client().post(path, {"email": email}, follow=True), email))
        assert pages[0] == pages[1]
        # Both wait for one mail; the stranger's says that there is no account.
        assert [m.to for m in mail.outbox] == [[known], [unknown]]


def test_a_dead_mail_server_shows_nothing_either(officer: Person, settings) -> None:
    settings.EMAIL_BACKEND = "tests.network.test_invitations.BrokenBackend"
    pages = []
    for email in (officer.email, "officer@nowhere.example"):
        browser = Client(headers={"accept-language": "en"})
        answer = browser.post("/accounts/login/code/", {"email": email}, follow=True)
        assert "could not be sent" in answer.content.decode()
        pages.append(text_of(answer, email))
    assert pages[0] == pages[1]


def test_nobody_signs_up(db: None, visitor: Client) -> None:
    assert "There is no registration" in visitor.get("/accounts/signup/").content.decode()
    visitor.post("/accounts/signup/", {"email": "new@kehl.example", "password1": PASSWORD})
    assert not Person.objects.exists()


def test_mails_speak_the_persons_language(cast: Cast, visitor: Client) -> None:
    Person.objects.filter(pk=cast.mayor.person_id).update(language="en")
    Client(headers={"accept-language": "de"}).post("/accounts/login/code/", {"email": "mayor@kehl.example"})
    assert mail.outbox[-1].subject == "Your sign-in code"


def test_a_new_password_by_mail(officer: Person, visitor: Client) -> None:
    visitor.post("/accounts/password/reset/", {"email": officer.email})
    path = re.search(r"http://testserver(\S+)", str(mail.outbox[-1].body))[1]  # type: ignore[index]
    form = visitor.get(path)["Location"]
    new = "Kinzig-Radweg-2027"
    assert visitor.post(form, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), officer.email).status_code == 200
    assert sign_in(Client(), officer.email, new).status_code == 302


def test_a_changed_password_ends_the_other_sessions(officer: Person) -> None:
    here, elsewhere, new = Client(), Client(), "Kinzig-Radweg-2027"
    for browser in (here, elsewhere):
        sign_in(browser, officer.email)
        assert is_signed_in(browser)
    values = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", values).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_signing_out_ends_the_session(cast: Cast, client_for) -> None:
    browser = client_for(cast.kehl)
    key = browser.session.session_key
    assert browser.post("/accounts/logout/")["Location"] == LOGIN
    assert not Session.objects.filter(pk=key).exists()
    assert not import_module(settings.SESSION_ENGINE).SessionStore().exists(key)
    assert not is_signed_in(browser)


def test_an_inactive_person_stays_outside(officer: Person, visitor: Client) -> None:
    browser = Client()
    browser.force_login(officer)
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    assert not is_signed_in(browser)
    sign_in(visitor, officer.email)
    assert not is_signed_in(visitor)


def test_a_form_without_a_token_changes_nothing(officer: Person) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = sign_in(browser, officer.email)
    assert answer.status_code == 403
    answer = browser.post(LOGIN, headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "reload" in answer["X-Message"]
