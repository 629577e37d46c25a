"""Decisions and minutes as PDF, read back: text, tags, fonts, and nothing fetched, whatever people have written."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.safestring import SafeString

from collab.pdf import pdf_of
from meetings.domain.files import attach_file
from meetings.models import AgendaItem, Decision, Minutes, Visibility
from tests.conftest import Cast

from .handed_out import REASON, Read, closed, decide, finalised, joined, with_everything

HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png"><a href="https://evil.example">here</a>{{7*7}}'


def pdf(client: Any, name: str, *args: Any, query: str = "") -> Read:
    answer = client.get(reverse(name, args=["ortenau", *args]) + query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    return Read(answer.content)


def test_a_decision_says_all_that_belongs_to_it(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, wording="Die Mitglieder führen die E-Akte ein."))
    read = pdf(client_for(cast.mayor), "decision_pdf", decision.reference)
    for said in (
        f"Decision {decision.reference} E-Akte",
        "Rejected, 1 yes, 1 no, 1 abstention",
        "Die Mitglieder führen die E-Akte ein.",
        "3 municipalities present, 3 needed",
        "More yes than no (4 municipalities with a voice)",
        "Officer of Achern (as proxy)",
        REASON,
        "Berichtigt.",
        "1 of 4 municipalities have adopted it.",
        "GR 2026/118",
        "Eigene Lösung",
        "Vertrag prüfen",
        "Project Aktenplan Kehl",
        "Delay: Vergabe",
        f"http://testserver/n/ortenau/b/{decision.reference}/",
        "Page 1 of",
    ):
        assert said in read.text, said


def test_it_is_tagged_and_carries_its_fonts(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, title="Ψηφιακή Ї"))
    read = pdf(client_for(cast.mayor, "de"), "decision_pdf", decision.reference)
    assert read.root["/Lang"] == "de"
    assert read.root["/MarkInfo"]["/Marked"]
    assert read.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.pdf.metadata is not None
    assert read.pdf.metadata.title == f"Beschluss {decision.reference}"
    assert "pdfuaid:part" in read.xmp
    assert decision.reference in read.xmp
    tags = read.tags
    assert {"/H1", "/H2", "/P", "/BlockQuote", "/Table", "/TH", "/TD"} <= set(tags)
    assert tags.index("/H1") < tags.index("/H2") < tags.index("/Table")
    fonts = read.fonts()
    assert all(fonts.values()), fonts
    assert all("Fira" in name for name in fonts), fonts
    assert "Ψηφιακή Ї" in read.text


def test_german_words_are_divided(cast: Cast, client_for: Any) -> None:
    wording = "Digitalisierungsbeauftragtenversammlung beschließt Zuständigkeitsverordnungen. " * 12
    decision = decide(cast, wording=wording)
    read = pdf(client_for(cast.mayor, "de"), "decision_pdf", decision.reference)
    assert any("\u2010\n" in page for page in read.pages)
    assert "Zuständigkeitsverordnungen" in read.text


def test_whatever_people_wrote_is_text(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, title=HOSTILE, wording=HOSTILE))
    decision.adoptions.filter(state="declined").update(word=HOSTILE, paper=HOSTILE[:80])
    for name, argument in (("decision_pdf", decision.reference), ("year_pdf", decision.year)):
        read = pdf(client_for(cast.mayor), name, argument)
        assert '<img src="http://evil.example/x.png">' in read.text
        assert "{{7*7}}" in read.text
        assert read.links == []
        assert "/Figure" not in read.tags
        assert b"/JavaScript" not in read.pdf.stream.getvalue()  # type: ignore[attr-defined]


def test_markup_that_got_through_would_fetch_nothing(tmp_path: Any) -> None:
    """The second line of defence: even a page that names things of elsewhere is set without asking for them."""
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        there = f"http://127.0.0.1:{trap.getsockname()[1]}"
        html = (
            f'<link rel="stylesheet" href="{there}/x.css"><style>@import url({there}/y.css);'
            f"@font-face {{ font-family: X; src: url({there}/z.woff2) }} p {{ background: url({there}/b.png) }}</style>"
            f'<base href="{there}/"><img alt="x" src="{there}/i.png"><img alt="y" src="{secret.as_uri()}">'
            f'<object data="{there}/o.svg"></object><embed src="{secret.as_uri()}"><iframe src="{there}"></iframe>'
            f'<link rel="attachment" href="{secret.as_uri()}"><svg><image href="{there}/s.png"/></svg><p>Text</p>'
            '<img alt="z" src="https://collab.invalid/../secret.txt"><img alt="" src="https://collab.invalid/app.js">'
        )
        content = pdf_of(SafeString(html), title="T", language="de")
        with pytest.raises(TimeoutError):
            trap.accept()
    read = Read(content)
    assert "Text" in read.text
    assert "a secret" not in read.text
    assert not read.pdf.attachments
    assert read.links == []


def test_text_that_nobody_marked_as_safe_is_escaped() -> None:
    read = Read(pdf_of("<h1>x</h1>", title='"><script>', language="de"))  # type: ignore[arg-type]
    assert "<h1>x</h1>" in read.text
    assert read.pdf.metadata is not None
    assert read.pdf.metadata.title == '"><script>'


def test_a_year_with_contents_and_outline(cast: Cast, client_for: Any) -> None:
    decisions = [decide(cast, title=f"Thema {k}", wording=f"Wortlaut {k}. " * 60) for k in range(12)]
    with_everything(cast, decisions[0])
    read = pdf(client_for(cast.mayor), "year_pdf", decisions[0].year)
    assert "12 decisions" in read.pages[0]
    outline = read.outline()
    # "Thema 3 . . . 5" and then the number of the decision, which is set before it.
    contents = dict(re.findall(r"(Thema \d+)[ .]+(\d+?)\d{4}-\d{3}", read.pages[1]))
    for decision in decisions:
        page = outline[f"{decision.reference} {decision.subject}"]
        assert f"Wortlaut {decision.subject.split()[1]}." in joined(read.pages[page - 1])
        assert contents[decision.subject] == str(page)
    assert "Yes: Kehl" in read.text
    assert read.root["/StructTreeRoot"]
    assert "/Link" in read.tags


def test_a_year_has_what_its_reader_may_read(cast: Cast, client_for: Any) -> None:
    open_one, own = decide(cast, "Open matter"), decide(cast, "Own matter", visibility=Visibility.GROUP)
    Decision.objects.filter(pk=own.pk).update(state="superseded", superseded_by=open_one)
    inside = pdf(client_for(cast.kehl), "year_pdf", open_one.year).text
    assert "Own matter" in inside
    assert "For the group only" in inside
    outside = pdf(client_for(cast.mayor), "year_pdf", open_one.year).text
    assert "Open matter" in outside
    assert "Own matter" not in outside
    assert own.reference not in outside
    assert client_for(cast.mayor).get(reverse("decision_pdf", args=["ortenau", own.reference])).status_code == 404
    assert own.reference not in pdf(client_for(cast.mayor), "decision_pdf", open_one.reference).text


def test_what_an_internal_groups_meeting_is_called_is_its_own(cast: Cast, client_for: Any) -> None:
    decision = decide(cast)
    cast.group.is_internal = True
    cast.group.save()
    assert "Jour fixe" in pdf(client_for(cast.kehl), "decision_pdf", decision.reference).text
    assert "Jour fixe" not in pdf(client_for(cast.mayor), "decision_pdf", decision.reference).text


def test_who_said_what_in_an_internal_group_stays_inside(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast))
    cast.group.is_internal = True
    cast.group.save()
    assert REASON in pdf(client_for(cast.kehl), "decision_pdf", decision.reference).text
    outside = client_for(cast.mayor)
    read = pdf(outside, "decision_pdf", decision.reference).text
    assert "1 yes, 1 no, 1 abstention" in read
    assert REASON not in read
    assert "Officer of Achern" not in read
    assert "Voices" not in pdf(outside, "year_pdf", decision.year).text
    assert "Voices" not in outside.get(reverse("year_print", args=["ortenau", decision.year])).text


def test_a_year_without_decisions_is_not_there(cast: Cast, client_for: Any) -> None:
    decision = decide(cast)
    client = client_for(cast.mayor)
    for name in ("year_pdf", "year_print"):
        assert client.get(reverse(name, args=["ortenau", decision.year - 1])).status_code == 404
        assert client.get(reverse(name, args=["ortenau", 10**25])).status_code == 404
        guest = client_for(cast.guest).get(reverse(name, args=["ortenau", decision.year]))
        assert guest.status_code == 404


def test_queries_do_not_grow_with_the_year(cast: Cast, client_for: Any) -> None:
    client, counts = client_for(cast.mayor), []
    for number in (1, 20):
        while Decision.objects.count() < number:
            decision = with_everything(cast, decide(cast, f"Thema {Decision.objects.count()}"))
        path = reverse("year_print", args=["ortenau", decision.year])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_long_year_is_set_by_a_process_of_its_own(cast: Cast, client_for: Any) -> None:
    first = decide(cast, wording="Ein langer Wortlaut mit vielen Wörtern. " * 100)
    copies = Decision.objects.filter(pk=first.pk).values().get() | {"request_id": None}
    del copies["id"]
    Decision.objects.bulk_create(Decision(**copies | {"number": number}) for number in range(2, 52))
    read = pdf(client_for(cast.mayor), "year_pdf", first.year)
    assert "51 decisions" in read.pages[0]
    assert len(read.pages) > 51
    assert len(read.pages) - 2 <= read.outline()[f"{first.year}-051 E-Akte"] <= len(read.pages)
    assert read.root["/MarkInfo"]["/Marked"]


def test_without_its_style_or_library_there_is_a_page_that_says_so(
    cast: Cast, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = decide(cast)
    monkeypatch.setattr("collab.pdf.STYLE", "not-built.css")
    answer = client_for(cast.mayor).get(reverse("decision_pdf", args=["ortenau", decision.reference]))
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "No PDF at the moment" in page
    assert f'href="{reverse("decision", args=["ortenau", decision.reference])}"' in page


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; sys.modules['weasyprint'] = None", "apt-get install libpango-1.0-0"),
        ("", "make frontend"),
    ],
)
def test_the_process_says_what_is_missing(code: str, says: str, tmp_path: Any) -> None:
    code += f"\nimport sys; from collab.typeset import main; sys.exit(main({str(tmp_path)!r}))"
    ran = subprocess.run(
        [sys.executable, "-c", code], input=b"<p>x</p>", capture_output=True, cwd=settings.BASE_DIR, check=False
    )
    assert ran.returncode == 1
    assert says in ran.stderr.decode()


# -- minutes ----------------------------------------------------------------------------------------------------------


def test_a_draft_says_on_every_page_that_it_is_one(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, wording="Ein langer Wortlaut. " * 200))
    meeting = closed(cast, decision)
    read = pdf(client_for(cast.kehl), "minutes_pdf", meeting.pk)
    assert len(read.pages) > 1
    assert all("DRAFT" in page for page in read.pages)
    assert "SHA-256" not in read.text
    assert client_for(cast.mayor).get(reverse("minutes_pdf", args=["ortenau", meeting.pk])).status_code == 404


def test_finalised_minutes_with_seal_and_signatures(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, title=HOSTILE))
    upload = SimpleUploadedFile("Anlage 1.txt", b"An annex")
    attach_file(item=decision.item, upload=upload, by=cast.coordinator)
    meeting = closed(cast, decision)
    version = finalised(cast, meeting)
    read = pdf(client_for(cast.mayor), "minutes_pdf", meeting.pk)
    for page in read.pages:
        assert version.sha256 in page.replace("\n", "")
        assert "DRAFT" not in page
    for said in (
        "Jour fixe",
        decision.wording,
        f"Decision {decision.reference}",
        REASON,
        "Anlage 1.txt",
        "Date, chair",
        "Date, minute-taker",
        "Version 1, finalised by",
        f"http://testserver/n/ortenau/p/{meeting.pk}/",
        '<img src="http://evil.example/x.png">',
    ):
        assert said in read.text, said
    assert read.links == []
    assert all(read.fonts().values())
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/BlockQuote"} <= set(read.tags)
    assert client_for(cast.guest).get(reverse("minutes_pdf", args=["ortenau", meeting.pk])).status_code == 404


def test_each_version_has_its_pdf(cast: Cast, client_for: Any) -> None:
    meeting = closed(cast, decide(cast))
    first = finalised(cast, meeting)
    Minutes.objects.filter(meeting=meeting).update(remarks="Nachgetragen.")
    client = client_for(cast.kehl)
    draft = pdf(client, "minutes_pdf", meeting.pk, query="?version=draft")
    assert "Nachgetragen." in draft.text
    assert "Nachgetragen." not in pdf(client, "minutes_pdf", meeting.pk).text
    second = finalised(cast, meeting, reason="Eine Bemerkung fehlte.")
    assert first.sha256 in pdf(client, "minutes_pdf", meeting.pk, query="?version=1").text.replace(" ", "")
    newest = pdf(client, "minutes_pdf", meeting.pk).text
    assert "Eine Bemerkung fehlte." in newest
    assert second.sha256 in newest.replace(" ", "")
    assert second.previous in newest.replace(" ", "")
    path = reverse("minutes_pdf", args=["ortenau", meeting.pk])
    for version in ("3", "0", "-1", "x", "1.0", "9" * 30, "Draft", "\0"):
        assert client.get(path, {"version": version}).status_code == 404, version
    assert client_for(cast.mayor).get(path, {"version": "draft"}).status_code == 404


def test_what_is_for_the_group_only_is_not_printed_for_others(cast: Cast, client_for: Any) -> None:
    open_one, own = decide(cast, "Open matter"), decide(cast, "Own matter", wording="Geheim.")
    AgendaItem.objects.filter(pk=own.item_id).update(visibility=Visibility.GROUP)
    Decision.objects.filter(pk=own.pk).update(visibility=Visibility.GROUP)
    meeting = closed(cast, open_one)
    finalised(cast, meeting)
    assert "Own matter" in pdf(client_for(cast.kehl), "minutes_pdf", meeting.pk).text
    outside = pdf(client_for(cast.mayor), "minutes_pdf", meeting.pk).text
    assert "Open matter" in outside
    assert "Item for the group only" in outside
    assert "the checksum is of the whole text" in outside
    for word in ("Own matter", "Geheim.", own.reference):
        assert word not in outside
