"""Hostile input in every field of every form, in query strings, JSON and files: refused clearly or shown as it is.

The test client raises what a server would answer with 500.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from collab.live.models import Change
from collab.live.regions import region_id, render
from collab.live.verbs import sentence
from meetings.models import AgendaItem, Attachment
from tests.permissions.regions import REGIONS
from tests.permissions.urls import OF_A_NETWORK, SITE, SITE_ARGS, path_of
from tests.permissions.world import World, undone, watch
from tests.test_permissions import sent

HTMX = {"hx-request": "true"}
FORMS = [name for name, row in OF_A_NETWORK.items() if row.post is not None and not name.startswith("api_")]
UPLOADS = ("item_attach", "project_attach")
# Saved, or refused with a reason: by the form (422), the state of things (409), the right (403), the view (404).
CLEAR = {200, 204, 302, 400, 403, 404, 409, 410, 413, 422}

MARKUP = '<script>alert("x")</script><img src=x onerror=alert(1)>\'"&lt;'
# What would be run, filled in or formatted where somebody forgot to escape; short enough for every field.
WRITTEN = '<script>alert("x")</script>{{7*7}}%(actor)s %s {slug} {0} 100 % &lt;'
TEXTS = {
    "written": WRITTEN,
    "markup": MARKUP,
    "right to left": "\u202egnp.exe\u2066 \u200fאבג \u061c",
    "long": "x" * 10_000,
    "emoji": "👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 Z\u0351\u036b\u0343a\u0302 \U000e0041",
    "null byte": "a\0b",
    "new lines": "a\r\nBcc: x@evil.example\r\n\r\nb\u2028c",
    "controls": "\x01\x1b[31m\x7f\x9f\ufeff\ufffe\uffff",
    "replaced half": "\ufffd\U0010ffff",
}
VALUES = (
    "abc",
    "-1",
    "0",
    "99999999999999999999999",
    "1e400",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "23:59:59.999999999",
    "javascript:alert(1)//https://x.example",
    "http://[::1",
    "\0",
    "٣",
)


def fields_to_try(body: dict[str, Any]) -> list[str]:
    """Return the fields of a form; of many equal lines the first."""
    return [name for name in body if not re.match(r"line-[1-9]|line-[A-Z]|line-0-[A-Zp]|host_[2-9]", name)]


def pages_of(world: World) -> list[str]:
    """Return the addresses of everything that shows what people have written."""
    own, slug = world.own, world.own.network.slug
    paths = [reverse(name, args=[slug]) for name in ("home", "members", "meeting_list", "action_log", "decision_log")]
    paths += [reverse("action_log", args=[slug]) + "?state=all", reverse("action_log", args=[slug]) + "?state=done"]
    meetings = {
        own.planned.pk,
        own.running.pk,
        own.cancelled.pk,
        *own.network.meetings.values_list("pk", flat=True)[:8],
    }
    paths += [reverse("meeting", args=[slug, pk]) for pk in sorted(meetings)]
    items = AgendaItem.objects.filter(meeting__in=[own.planned, own.running])
    paths += [reverse("item", args=[slug, pk]) for pk in items.values_list("pk", flat=True)]
    for name, objects in (
        ("series", own.group.series.all()),
        ("project", own.network.projects.all()),
        ("action_item", own.network.action_items.all()),
    ):
        paths += [reverse(name, args=[slug, obj.pk]) for obj in objects]
    paths += [reverse("decision", args=[slug, d.reference]) for d in own.network.decisions.all()]
    paths += [reverse("vote_list", args=[slug]), *(reverse("vote", args=[slug, v.pk]) for v in own.network.votes.all())]
    forms = (
        "item_edit",
        "action_edit",
        "series_edit",
        "meeting_edit",
        "item_notes",
        "membership_role",
        "accession_end",
    )
    paths += [path_of(name, own) for name in (*forms, "invitation_resend", "invitation_link", "meeting_guests")]
    return paths


def shown_everywhere(world: World) -> str:
    """Return the text of all pages, live regions in both languages, and REST answers; no markup may come through."""
    client, texts = world.client("coordinator"), []
    for path in pages_of(world):
        answer = client.get(path)
        assert answer.status_code in (200, 404, 403), path
        texts.append(answer.content.decode())
    for name, row in REGIONS.items():
        for audience in sorted(set(row.audience.values())):
            texts.append(render(region_id(name, row.pk(world.own)), audience, "de"))
    asked = [region_id(name, row.pk(world.own)) for name, row in REGIONS.items()]
    polled = client.get(reverse("live_poll", args=["ortenau"]), {"v": "0", "r": asked}).json()
    texts += [region["html"] for region in polled["regions"]]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    for name in ("api_meetings", "api_decisions", "api_action_items"):
        assert client.get(path_of(name, world.own)).headers["Content-Type"] == "application/json"
    for language in ("de", "en"):
        with translation.override(language):
            texts += [escape(sentence(change)) for change in Change.objects.all()]
    return "\n".join(texts)


def shown_where_it_changed(world: World, told: int) -> None:
    """Render the regions that the newest changes name (one of each kind) for each audience, and what tells of them."""
    client = world.client("coordinator")
    changes = list(Change.objects.order_by("pk")[told:])
    texts = [client.get(reverse(name, args=["ortenau"])).content.decode() for name in ("home", "changes")]
    regions = {region.rpartition("-")[0]: region for change in changes for region in change.regions}
    for name, region in sorted(regions.items()):
        for audience in sorted(set(REGIONS[name].audience.values()) - {None}):
            with suppress(ObjectDoesNotExist):
                texts.append(render(region, audience, "de"))
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def accepted(world: World, name: str, text: str) -> set[str]:
    """Send the form with the text in every field, without it in those that are refused; return where it was taken."""
    client, path = world.client("coordinator"), path_of(name, world.own)
    good = sent(world, name, "coordinator")
    hostile = {field for field in fields_to_try(good) if field not in ("version", "request_id", "step", "seal")}
    while hostile:
        body = {**good, **dict.fromkeys(hostile, text)}
        answer = client.post(path, body, headers=HTMX)
        assert answer.status_code in CLEAR, name
        if answer.status_code in (200, 204):
            return hostile
        refused = set(getattr((answer.context or {}).get("form"), "errors", {})) & hostile
        hostile -= refused or {sorted(hostile)[0]}
    return hostile


# Forms whose text stands on some page once it was saved.
SHOWN = ("item_add", "item_edit", "action_add", "action_edit", "decision_add", "item_notes", "meeting_add", "invite")
SHOWN += ("project_add", "project_part", "circular_add", "circular_withdraw")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", [name for name in FORMS if name not in (*UPLOADS, *SHOWN)])
def test_hostile_text_in_every_field(world: World, name: str) -> None:
    told = Change.objects.count()
    for text in TEXTS.values():
        accepted(world, name, text)
    # Once more, so that it is what was saved last.
    accepted(world, name, WRITTEN)
    shown_where_it_changed(world, told)


@pytest.mark.sqlite_only
def test_hostile_text_in_every_field_that_is_shown(world: World) -> None:
    """All of them in one network, each with a number of its own: the pages are walked once."""
    for number, name in enumerate(SHOWN):
        told, written = Change.objects.count(), f"{WRITTEN}{number}"
        assert accepted(world, name, written), name
        for what, text in TEXTS.items():
            if what != "written":
                accepted(world, name, text)
        # Once more, so that it is what was saved last.
        accepted(world, name, written)
        shown_where_it_changed(world, told)
    everywhere = shown_everywhere(world)
    for number, name in enumerate(SHOWN):
        assert f"{escape(WRITTEN)}{number}" in everywhere, f"{name}: was saved and is nowhere to be read"


def refused_in(world: World, name: str, body: dict[str, Any], told: Any) -> set[str]:
    """Send the form, undo what it did, and return the fields that its answer names as wrong."""
    client = world.client("coordinator")
    with undone():
        answer = client.post(path_of(name, world.own), body, headers=HTMX)
        assert answer.status_code in CLEAR, told
        if answer.status_code == 204 and {"0001-01-01", "9999-12-31"} & {str(value) for value in body.values()}:
            assert client.get(reverse("home", args=["ortenau"])).status_code == 200
            assert client.get(reverse("members", args=["ortenau"])).status_code == 200
    return set(getattr((answer.context or {}).get("form"), "errors", {}))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", [name for name in FORMS if name not in UPLOADS])
def test_wrong_values_in_every_field(world: World, name: str) -> None:
    """Each value in all fields at once, then among good ones in each field that let it pass. What a field refuses
    never gets further: for what comes behind, the field is missing; so one refused value of each field is enough.
    """
    good = sent(world, name, "coordinator")
    fields, missing = fields_to_try(good), set()
    for value in VALUES:
        refused = refused_in(world, name, {**good, **dict.fromkeys(fields, value)}, value)
        for field in fields:
            if field in refused & missing:
                continue
            if field in refused_in(world, name, {**good, field: value}, (field, value)):
                missing.add(field)
    # Given twice, not at all, as a file, among things nobody asked for.
    for field in fields:
        for body in (
            {**good, field: ["a", "b"]},
            {key: value for key, value in good.items() if key != field},
            {**good, field: SimpleUploadedFile("x.txt", b"x")},
        ):
            refused_in(world, name, body, field)
    unasked = {"is_staff": "1", "network": "2", "pk": "1", "state": good.get("state", "closed")}
    refused_in(world, name, {**good, **unasked}, "unasked")


@pytest.mark.sqlite_only  # what cannot be read as a form reaches no database
@pytest.mark.parametrize("name", FORMS)
def test_bodies_that_are_no_form(world: World, name: str) -> None:
    client, path = world.client("coordinator"), path_of(name, world.own)
    for data, content_type in (
        (b"\xff\xfe%00=%zz&&&==", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b'{"title": 1}', "application/json"),
        (b"\0" * 100, "text/plain; charset=no-such-charset"),
        (b"a=1&" * 1001, "application/x-www-form-urlencoded"),
    ):
        with undone():
            assert client.generic("POST", path, data, content_type, headers=HTMX).status_code in CLEAR


ASKED: dict[str, tuple[str, ...]] = {
    "action_log": ("state", "town", "person", "meeting", "q", "page"),
    "decision_log": ("year", "group", "meeting", "q", "page"),
    "meeting_list": ("year",),
    "action_state": ("state",),
    "municipality_search": ("q", "municipality"),
    "api_action_items": ("state", "town", "person", "meeting", "q", "page"),
    "api_projects": ("block", "phase", "town", "role", "service", "q", "page"),
    "service_find": ("q",),
    "api_decisions": ("year", "group", "meeting", "q", "page"),
    "api_meetings": ("state", "group", "page"),
    "home": ("next", "page"),
    "live_poll": ("v", "r"),
    "item_add": ("title",),
}


@pytest.mark.parametrize("name", ASKED)
def test_wrong_values_in_query_strings(world: World, name: str) -> None:
    client, path = world.client("coordinator"), path_of(name, world.own)
    for parameter in ASKED[name]:
        for value in (*VALUES, *TEXTS.values(), ["a", "b"], "%00", "a%", "_", "\\", "'; --", "(", "*"):
            answer = client.get(path, {parameter: value, f"{parameter}[]": value})
            assert answer.status_code in (200, 400, 404), (parameter, value)
            is_page = answer.headers["Content-Type"].startswith("text/html")
            assert not is_page or "<script>alert" not in answer.content.decode()
    assert client.get(f"{path}?%00=%00&=&&%ff=%fe&{'a=1&' * 50}").status_code in (200, 400)
    answer = client.get(path, headers={"accept-language": "\x01" * 200, "hx-current-url": "%00", "hx-target": MARKUP})
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("name", [name for name, row in SITE.items() if row[2] != 405])
def test_hostile_text_in_the_forms_of_the_entrance(world: World, name: str) -> None:
    path = reverse(name, args=SITE_ARGS.get(name, lambda world: [])(world))
    fields = (
        "login",
        "email",
        "password",
        "password1",
        "password2",
        "oldpassword",
        "code",
        "language",
        "next",
        "remember",
    )
    client = world.client("anonymous")
    for text in (
        *TEXTS.values(),
        *VALUES,
        "//evil.example",
        "https://evil.example",
        "a@" + "b" * 5000,
        "<b>@x.example",
    ):
        with undone():
            answer = client.post(path, dict.fromkeys(fields, text))
            assert answer.status_code in (*CLEAR, 429), text[:40]
            assert "<script>alert" not in answer.content.decode()
            to = answer.headers.get("Location", "/")
            assert urlsplit(urljoin(f"http://testserver{path}", to)).netloc == "testserver", "leads away"


def test_addresses_nobody_gave_out(world: World) -> None:
    client = world.client("anonymous")
    for token in ("x", "%00", "x" * 3000, "..%2f..", "<script>alert(1)</script>", "‮"):
        answer = client.get(f"/invitation/{token}/")
        assert answer.status_code == 404
        assert "<script>alert" not in answer.content.decode()
    client = world.client("coordinator")
    for reference in ("2026-000", "0000-001", "9999-999999", "2026-0001", "2026-1", "-", "%00", "x" * 3000, "٢٠٢٦-٠٠١"):
        assert client.get(f"/n/ortenau/decisions/{reference}/").status_code == 404, reference
        assert client.get(f"/api/n/ortenau/decisions/{reference}/").status_code == 404, reference
    for path in ("/n/%00/", "/n/ortenau%00/", "/n/../", "//evil.example", "/static/../collab/settings.py", "/%ff"):
        assert client.get(path).status_code in (301, 302, 400, 404), path


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        '"x"',
        "{",
        "",
        '{"state": ["done"]}',
        '{"state": {"a": 1}, "version": 1}',
        '{"state": "done", "version": 1e400}',
        '{"state": "done", "version": NaN}',
        '{"state": "done", "version": 99999999999999999999999}',
        '{"state": "done", "version": true}',
        '{"state": "done", "version": 1, "note": "a\\u0000b"}',
        '{"state": "done", "version": 1, "note": "\\ud800"}',
        '{"state": "done", "version": 1, "note": ' + json.dumps("x" * 10_000) + "}",
        '{"state": "done", "version": 1, "network": 2, "title": "x"}',
        "[" * 100_000,
        "\xff",
    ],
    ids=lambda body: body[:30],
)
def test_hostile_json(world: World, body: str) -> None:
    path = path_of("api_action_item_state", world.own)
    unchanged = watch()
    answer = world.client("coordinator").post(path, body.encode("latin-1"), content_type="application/json")
    if "network" in body:
        assert answer.status_code == 200
        world.own.action.refresh_from_db()
        assert (world.own.action.network_id, world.own.action.title) == (world.own.network.pk, "Ortenau action")
    else:
        assert answer.status_code == 400
        unchanged()


FILES = {
    "a page": ("page.html", b"<script>alert(1)</script>"),
    "a picture with a script": ("x.svg", b"<svg onload='alert(1)'/>"),
    "a page that says it is a PDF": ("x.pdf", b"<html><script>alert(1)</script>"),
    "a program that says it is a text": ("x.txt", b"MZ\x90\0\3\0\0\0"),
    "no archive": ("x.docx", b"PK\3\4 but not really"),
    "no ending": ("x", b"text"),
    "only an ending": (".txt", b""),
    "two endings": ("x.txt.exe", b"text"),
}


@pytest.mark.parametrize("what", FILES)
def test_hostile_files_are_refused(world: World, what: str) -> None:
    name, content = FILES[what]
    path = path_of("item_attach", world.own)
    unchanged = watch()
    answer = world.client("coordinator").post(path, {"file": SimpleUploadedFile(name, content)}, headers=HTMX)
    assert answer.status_code == 422
    unchanged()


FILE_NAMES = (
    "../../../etc/passwd.txt",
    "..\\..\\boot.txt",
    f"{MARKUP.replace('/', '')}.txt",
    "\u202etxt.exe.txt",
    "x" * 240 + ".txt",
    'a"; filename="b.html.txt',
    "a\r\nX-Evil: 1.txt",
    "%(title)s {0}.txt",
    "CON.txt",
    "👩\u200d👧.txt",
    "a\0b.txt",
)


def test_hostile_file_names(world: World) -> None:
    """All of them at one item: the pages are walked once."""
    client, path = world.client("coordinator"), path_of("item_attach", world.own)
    for name in FILE_NAMES:
        files = Attachment.objects.count()
        answer = client.post(path, {"file": Named(name, b"<script>alert(1)</script>")}, headers=HTMX)
        assert answer.status_code in (204, 422), name
        assert Attachment.objects.count() == files + (answer.status_code == 204), name
        if answer.status_code == 422:
            continue
        attachment = Attachment.objects.latest("pk")
        assert not set(attachment.name) & set("/\\\0\r\n\u202e\u200d"), name
        sent_back = client.get(reverse("file", args=["ortenau", attachment.pk]))
        assert sent_back.headers["Content-Disposition"].startswith("attachment;"), name
        assert sent_back.headers["X-Content-Type-Options"] == "nosniff", name
        assert "sandbox" in sent_back.headers["Content-Security-Policy"], name
        assert sent_back.headers["Content-Type"] == "text/plain", name
        assert "X-Evil" not in sent_back.headers, name
    shown_everywhere(world)


class Named(SimpleUploadedFile):
    """A file whose name goes over the wire as it is."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__("x.txt", content)
        self._name = name


@pytest.mark.sqlite_only
def test_links_of_odd_schemes_are_never_offered(world: World) -> None:
    client = world.client("coordinator")
    links = (
        "javascript:alert(1)",
        "data:text/html,x",
        "JaVaScRiPt:alert(1)",
        "vbscript:x",
        "//evil.example",
        "file:///etc",
    )
    for link in links:
        for name, field in (("item_edit", "links"), ("meeting_edit", "video_link"), ("meeting_add", "video_link")):
            with undone():
                body = {**sent(world, name, "coordinator"), field: link}
                status = client.post(path_of(name, world.own), body, headers=HTMX).status_code
                assert status == 422 or f'href="{link}' not in shown_everywhere(world), (name, link)
