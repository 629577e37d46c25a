"""German and English: both complete, neither in the other's pages, dates and numbers as each writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from html.parser import HTMLParser

import polib
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from collab.network.domain import municipalities
from collab.network.models import Municipality, Person
from tests import check_messages
from tests.conftest import Cast, make_meeting
from tests.permissions.urls import OF_A_NETWORK, SITE, SITE_ARGS, path_of
from tests.permissions.world import World, make_world, undone
from workgroups import ozg
from workgroups.models import Group

READERS = ("coordinator", "kehl", "guest")
# What a text of that language can hardly do without, and the other language does not have.
SMALL_WORDS = {
    "en": r"the|of|and|to|this|with|you|your|not|is|are|from|for|by|no|new|has|have|been|or|it|yet|there|every",
    "de": r"der|das|und|nicht|ist|sie|zu|zum|zur|mit|von|vom|ein|eine|einen|den|dem|auf|noch|kein|keine|wird|hat|oder",
}
SPOKEN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-label", "data-shortcut-label")


class Words(HTMLParser):
    """Collects what a page says to eyes and ears, except where it names another language (`lang`)."""

    SILENT = ("script", "style")
    EMPTY = ("meta", "link", "img", "input", "br", "hr", "path", "circle", "rect", "use")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._mute: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in self.EMPTY:
            muted = tag in self.SILENT or ("lang" in values and tag != "html")
            self._mute.append(muted or any(self._mute[-1:]))
        if not any(self._mute[-1:]):
            self.texts += [value for name in SPOKEN_ATTRIBUTES if (value := values.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY and self._mute:
            self._mute.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self._mute[-1:]):
            self.texts.append(" ".join(data.split()))


def words_of(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return reader.texts


@cache
def other_words(language: str) -> frozenset[str]:
    """Return the texts that only the other language has: the catalogue's English, or its German."""
    entries = [(e.msgid, e.msgstr) for e in polib.pofile(str(check_messages.CATALOGUE)) if not e.msgid_plural]
    english, german = ({pair[side] for pair in entries} for side in (0, 1))
    return frozenset(english - german if language == "de" else german - english)


def left_overs(html: str, language: str, data: set[str]) -> list[str]:
    """Return what a page says in the other language; `data` are the texts that people wrote."""
    small = re.compile(rf"\b({SMALL_WORDS['en' if language == 'de' else 'de']})\b", re.IGNORECASE)
    texts = [text for text in words_of(html) if not any(text == datum for datum in data)]
    return [text for text in texts if text in other_words(language) or small.search(_without(text, data))]


def _without(text: str, data: set[str]) -> str:
    for datum in sorted(data, key=len, reverse=True):
        text = text.replace(datum, "")
    return text


def browser(language: str, person: Person | None = None) -> Client:
    client = Client(headers={"accept-language": language})
    if person:
        client.force_login(person)
    return client


def pages_of(world: World, who: str) -> Iterator[str]:
    for name, row in OF_A_NETWORK.items():
        if row.get and who in row.get and not name.startswith("api_"):
            with undone():  # some addresses come into being by closing the meeting, others while it is in session
                yield path_of(name, world.own)
    yield from ("/networks/", "/accounts/password/set/", "/accounts/logout/", "/no/such/page/")


def public_pages(world: World) -> Iterator[str]:
    for name, (get, *_rest) in SITE.items():
        if get == 200:
            yield reverse(name, args=SITE_ARGS[name](world) if name in SITE_ARGS else [])


def written_by_people(world: World) -> set[str]:
    """The world's own texts: names, titles, addresses; and what has a proper name, the same in every language."""
    names = set(Person.objects.values_list("name", flat=True)) | set(Group.objects.values_list("name", flat=True))
    services = {name for s in ozg.catalogue().values() for name in (s.name, s.situation, s.field)}
    same = {"Mindset & New Work", "1 – Information"}
    return names | services | same | {world.own.guests_action.title, "new@ortenau.example"}


def foreign_texts(client: Client, paths: Iterator[str], language: str, data: set[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        answer = client.get(path)
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code in (200, 403, 404):
            page = answer.content.decode()
            assert f'<html lang="{language}"' in page or "<html" not in page, path
            if texts := left_overs(page, language, data):
                found[path] = texts
    return found


# Completeness


@pytest.mark.services
def test_the_catalogue_is_complete() -> None:
    wanted = check_messages.extract()
    assert len(wanted) > 500
    assert check_messages.problems(wanted, polib.pofile(str(check_messages.CATALOGUE))) == []
    assert check_messages.compile_errors() == ""


@pytest.mark.parametrize("entry", ["„", "“"])
def test_german_quotation_marks_come_in_pairs(entry: str) -> None:
    catalogue = polib.pofile(str(check_messages.CATALOGUE))
    texts = [text for e in catalogue for text in (e.msgstr, *e.msgstr_plural.values())]
    assert [text for text in texts if text.count("„") != text.count("“") or '"' in text] == []
    assert any(entry in text for text in texts)


def test_nobody_is_addressed_with_du() -> None:
    catalogue = polib.pofile(str(check_messages.CATALOGUE))
    texts = [text for e in catalogue for text in (e.msgstr, *e.msgstr_plural.values())]
    assert [
        text for text in texts if re.search(r"\b(du|dein\w*|dich|dir|bitte gib|wähle)\b", text, re.IGNORECASE)
    ] == []


# Pages


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("who", READERS)
def test_pages_speak_one_language(db: None, who: str, language: str) -> None:
    world = make_world()
    client = browser(language, world.people[who])
    assert foreign_texts(client, pages_of(world, who), language, written_by_people(world)) == {}


@pytest.mark.parametrize("language", ["de", "en"])
def test_public_pages_speak_one_language(db: None, language: str) -> None:
    world = make_world()
    assert foreign_texts(browser(language), public_pages(world), language, written_by_people(world)) == {}


def test_a_left_over_would_be_found() -> None:
    page = '<p title="Save">Ein Text</p><p>Read <b>this</b></p><p lang="en">English</p><script>of the</script>'
    assert left_overs(page, "de", set()) == ["Save", "this"]
    assert left_overs("<p>Sitzung</p><p>nicht so</p><p>fine</p>", "en", set()) == ["Sitzung", "nicht so"]


# Errors and mails


def test_errors_are_polite_german(cast: Cast) -> None:
    visitor = browser("de")
    page = visitor.post("/accounts/login/", {"login": "", "password": "x"}).content.decode()
    assert "Bitte füllen Sie dieses Feld aus." in page
    page = visitor.post("/accounts/login/", {"login": "nobody@kehl.example", "password": "x"}).content.decode()
    assert "E-Mail-Adresse oder Passwort ist nicht richtig." in page
    form = {"group": cast.group.pk, "title": "x", "date": "2026-02-30", "start_time": "9", "minutes": 90}
    page = browser("de", cast.coordinator.person).post("/n/ortenau/meetings/add/", form).content.decode()
    assert "Bitte geben Sie ein gültiges Datum ein." in page


@pytest.mark.parametrize(("language", "subject"), [("de", "Ihr Anmeldecode"), ("en", "Your sign-in code")])
def test_mails_speak_one_language(cast: Cast, language: str, subject: str) -> None:
    browser(language).post("/accounts/login/code/", {"email": cast.kehl.person.email})
    browser(language).post("/accounts/password/reset/", {"email": cast.kehl.person.email})
    assert mail.outbox[0].subject == subject
    for message in mail.outbox:
        assert left_overs(f"<p>{message.subject}</p><p>{message.body}</p>", language, set()) == []


# Dates, numbers, order


@pytest.mark.parametrize(
    ("language", "day", "short", "count"),
    [
        ("de", "Donnerstag, 17. Dezember 2026", "16.12.2026", "38.154 Einwohner:innen"),
        ("en", "Thursday, 17 December 2026", "16 Dec 2026", "38,154 inhabitants"),
    ],
)
def test_dates_and_numbers_as_the_language_writes_them(
    cast: Cast, language: str, day: str, short: str, count: str
) -> None:
    meeting = make_meeting(cast, date=date(2026, 12, 17), occurrence_on=date(2026, 12, 16))
    Municipality.objects.filter(pk=cast.kehl.municipality_id).update(population=38_154)
    reader = browser(language, cast.kehl.person)
    page = " ".join(words_of(reader.get(f"/n/ortenau/meetings/{meeting.pk}/").content.decode()))
    assert f"{day}, 09:30" in page
    assert short in page
    assert count in reader.get("/n/ortenau/members/").content.decode()


def test_towns_stand_in_german_order(cast: Cast) -> None:
    municipalities.load()
    names = ["Oberkirch", "Offenburg", "Ötigheim", "Rastatt", "Überlingen", "Waldkirch"]
    for name in reversed(names):
        town = Municipality.objects.get(short_name=name)
        cast.network.accessions.create(municipality=town, joined_on=date(2021, 9, 30), standing="signatory")
    for language in ("de", "en"):
        page = browser(language, cast.kehl.person).get("/n/ortenau/members/").content.decode()
        places = [page.index(f">{name}</h3>") for name in names]
        assert places == sorted(places)


# Who decides


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.5", "en"),
        ("fr,en;q=0.5", "en"),
        ("fr", "de"),
        ("", "de"),
    ],
)
def test_the_browser_decides_for_visitors(db: None, accepted: str, language: str) -> None:
    assert f'<html lang="{language}"' in browser(accepted).get("/accounts/login/").content.decode()


@pytest.mark.parametrize("own", ["de", "en"])
def test_the_persons_own_setting_wins(cast: Cast, own: str) -> None:
    Person.objects.filter(pk=cast.kehl.person_id).update(language=own)
    reader = browser("en" if own == "de" else "de", Person.objects.get(pk=cast.kehl.person_id))
    assert f'<html lang="{own}"' in reader.get("/n/ortenau/").content.decode()


def test_our_words_come_before_those_of_packages() -> None:
    with translation.override("de"):
        assert translation.gettext("History") == "Verlauf"
        assert translation.gettext("Save") == "Speichern"
        assert translation.gettext("Home") == "Start"
