"""Preparing: proposals, answers of the chair, order, forecast, links and files."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.agenda import accept_item, nudge_item, place_item, propose_item
from meetings.models import AgendaItem, Attachment
from meetings.queries.agenda import agenda_of
from tests.conftest import make_meeting

ITEM = {"title": "E-Akte", "kind": "discussion", "minutes": "20", "presenter": "", "text": "", "links": ""}
HOSTILE = "<script>alert(1)</script> \u202eabc 🏛️ '\"&"


def url(name, *args):
    return reverse(name, args=["ortenau", *args])


def propose(by, meeting, title="E-Akte", **more):
    values = {"kind": "discussion", "minutes": 20, "municipality": None, "presenter": "", "text": "", "links": []}
    return propose_item(meeting=meeting, by=by, title=title, **{**values, **more})


def titles(meeting):
    return [(row.number, row.item.title) for row in agenda_of(meeting).flat]


def test_a_member_proposes_and_the_chair_accepts(cast, meeting, client_for):
    answer = client_for(cast.kehl).post(url("item_add", meeting.pk), {**ITEM, "municipality": "08317057"}, follow=True)
    assert "Your proposal was sent to the chair." in answer.text
    item = AgendaItem.objects.get()
    assert item.state == "proposed"
    assert agenda_of(meeting).rows == []
    client_for(cast.coordinator).post(url("item_accept", item.pk))
    assert titles(meeting) == [("1", "E-Akte")]
    assert "E-Akte" in client_for(cast.mayor).get(url("meeting", meeting.pk)).text


def test_the_chair_declines_with_a_word_and_may_change_their_mind(cast, meeting, client_for):
    item = propose(cast.kehl, meeting)
    chair = client_for(cast.coordinator)
    assert "This field is required" in chair.post(url("item_decline", item.pk), {"answer": ""}).text
    chair.post(url("item_decline", item.pk), {"answer": "Bitte im Januar"})
    item.refresh_from_db()
    assert (item.state, item.answer) == ("declined", "Bitte im Januar")
    assert "Bitte im Januar" in client_for(cast.kehl).get(url("item", item.pk)).text
    chair.post(url("item_accept", item.pk))
    assert titles(meeting) == [("1", "E-Akte")]


@pytest.mark.parametrize(
    ("who", "status"), [("kehl", 302), ("mayor", 403), ("guide", 403), ("guest", 404), ("other", 404)]
)
def test_who_may_propose(cast, meeting, client_for, who, status):
    answer = client_for(getattr(cast, who)).post(url("item_add", meeting.pk), ITEM)
    assert answer.status_code == status
    assert AgendaItem.objects.count() == (1 if status == 302 else 0)


def test_another_town_cannot_touch_my_proposal(cast, meeting, client_for):
    item = propose(cast.kehl, meeting)
    achern = client_for(cast.achern)
    assert achern.post(url("item_withdraw", item.pk)).status_code == 403
    assert achern.post(url("item_edit", item.pk), {**ITEM, "version": 1}).status_code == 403
    assert achern.post(url("item_accept", item.pk)).status_code == 403
    client_for(cast.kehl).post(url("item_withdraw", item.pk))
    item.refresh_from_db()
    assert item.state == "withdrawn"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"title": "a\x00b"}, "Null characters are not allowed"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"minutes": "viel"}, "Enter a whole number"),
        ({"kind": "lecture"}, "Select a valid choice"),
        ({"municipality": "08216043"}, "Select a valid choice"),
        ({"text": "x" * 10_001}, "at most 10000 characters"),
        ({"links": "javascript:alert(1)"}, "is not a web address"),
        ({"links": "\n".join(["https://ex.example"] * 21)}, "At most 20 links"),
    ],
)
def test_bad_input_changes_nothing(cast, meeting, client_for, change, message):
    answer = client_for(cast.kehl).post(url("item_add", meeting.pk), {**ITEM, **change}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert message in answer.text
    assert not AgendaItem.objects.exists()
    assert not Change.objects.exists()


def test_hostile_text_is_shown_as_text(cast, meeting, client_for):
    propose(cast.coordinator, meeting, title=HOSTILE, text=HOSTILE * 20, presenter=HOSTILE[:100])
    for page in (url("meeting", meeting.pk), url("home"), url("item", AgendaItem.objects.get().pk)):
        text = client_for(cast.kehl).get(page).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_the_same_form_sent_twice_proposes_once(cast, meeting, client_for):
    form = {**ITEM, "request_id": str(uuid4())}
    for _again in range(2):
        client_for(cast.kehl).post(url("item_add", meeting.pk), form)
    assert AgendaItem.objects.count() == 1


def test_two_people_edit_the_same_item(cast, meeting, client_for):
    item = propose(cast.coordinator, meeting, text="alt")
    first = client_for(cast.coordinator)
    first.post(url("item_edit", item.pk), {**ITEM, "title": "E-Akte", "text": "neu von A", "version": 1})
    answer = first.post(
        url("item_edit", item.pk), {**ITEM, "text": "neu von B", "version": 1}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 409
    assert "neu von A" in answer.text
    assert "neu von B" in answer.text
    item.refresh_from_db()
    assert item.text == "neu von A"
    assert 'name="version" value="2"' in answer.text
    first.post(url("item_edit", item.pk), {**ITEM, "text": "neu von B", "version": 2})
    item.refresh_from_db()
    assert item.text == "neu von B"


def test_order_by_buttons_and_by_dropping(cast, meeting):
    a, b, c = (propose(cast.coordinator, meeting, title=title) for title in "ABC")
    nudge_item(item=c, direction="up", by=cast.coordinator)
    assert titles(meeting) == [("1", "A"), ("2", "C"), ("3", "B")]
    nudge_item(item=b, direction="in", by=cast.coordinator)
    assert titles(meeting) == [("1", "A"), ("2", "C"), ("2.1", "B")]
    b.refresh_from_db()
    nudge_item(item=b, direction="out", by=cast.coordinator)
    assert titles(meeting) == [("1", "A"), ("2", "C"), ("3", "B")]
    b.refresh_from_db()
    place_item(item=b, parent=None, before=a, by=cast.coordinator)
    assert titles(meeting) == [("1", "B"), ("2", "A"), ("3", "C")]
    a.refresh_from_db()
    nudge_item(item=a, direction="down", by=cast.coordinator)
    assert titles(meeting) == [("1", "B"), ("2", "C"), ("3", "A")]


def test_an_item_cannot_be_dropped_into_nonsense(cast, meeting, client_for):
    a, b = (propose(cast.coordinator, meeting, title=title) for title in "AB")
    other = propose(cast.coordinator, make_meeting(cast), title="fremd")
    chair = client_for(cast.coordinator)
    place_item(item=b, parent=a, before=None, by=cast.coordinator)
    for parent in (a.pk, b.pk, other.pk):
        answer = chair.post(url("item_move", a.pk), {"parent": parent}, headers={"hx-request": "true"})
        assert answer.status_code == 409
        assert answer["X-Message"]
    assert chair.post(url("item_move", a.pk), {"parent": "x"}, headers={"hx-request": "true"}).status_code == 422
    assert chair.post(url("item_move", a.pk), {"parent": 999_999}).status_code == 404
    assert client_for(cast.kehl).post(url("item_move", a.pk), {"direction": "up"}).status_code == 403
    assert titles(meeting) == [("1", "A"), ("1.1", "B")]


def test_forecast_and_overdrawn_time(cast, meeting, client_for):
    first = propose(cast.coordinator, meeting, title="A", minutes=40)
    propose(cast.coordinator, meeting, title="B", minutes=40)
    child = propose(cast.coordinator, meeting, title="A1", minutes=10)
    place_item(item=child, parent=first, before=None, by=cast.coordinator)
    agenda = agenda_of(meeting)
    start = meeting.starts_at
    assert [(row.number, row.starts - start) for row in agenda.flat] == [
        ("1", timedelta(0)),
        ("1.1", timedelta(minutes=40)),
        ("2", timedelta(minutes=50)),
    ]
    assert agenda.ends - start == timedelta(minutes=90)
    assert agenda.overdrawn == 0
    propose(cast.coordinator, meeting, title="C", minutes=15)
    assert agenda_of(meeting).overdrawn == 15
    assert "15 minutes longer" in client_for(cast.kehl).get(url("meeting", meeting.pk)).text


def test_a_meeting_page_costs_the_same_for_1_and_for_50_items(cast, meeting, client_for):
    client = client_for(cast.kehl)
    propose(cast.coordinator, meeting, title="A")
    propose(cast.kehl, meeting, title="P")

    def count(name, *args):
        client.get(url(name, *args))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(name, *args)).status_code == 200
        return len(queries)

    pages = [("meeting", meeting.pk), ("home",)]
    few = [count(*page) for page in pages]
    for number in range(49):
        accept_item(item=propose(cast.achern, meeting, title=f"T{number}"), by=cast.coordinator)
        propose(cast.kehl, meeting, title=f"P{number}")
    assert [count(*page) for page in pages] == few


def pdf(name="Vorlage.pdf", content=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"):
    return SimpleUploadedFile(name, content)


def odt(kind="application/vnd.oasis.opendocument.text"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", kind)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_file_is_attached_once_and_comes_back_as_a_download(cast, meeting, client_for):
    item = propose(cast.kehl, meeting)
    kehl = client_for(cast.kehl)
    for _again in range(2):
        assert kehl.post(url("item_attach", item.pk), {"file": pdf()}).status_code == 302
    attachment = Attachment.objects.get()
    answer = client_for(cast.mayor).get(url("file", attachment.pk))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-1.7")
    assert answer["Content-Disposition"] == 'attachment; filename="Vorlage.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client_for(cast.other).get(url("file", attachment.pk)).status_code == 404
    assert client_for(cast.guest).get(url("file", attachment.pk)).status_code == 404
    kehl.post(url("file_remove", attachment.pk))
    assert kehl.get(url("file", attachment.pk)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("leer.pdf", b"", "empty"),
        ("boese.exe", b"MZ\x90", "not accepted"),
        ("boese.pdf", b"<html><script>", "does not fit"),
        ("bild.svg", b"<svg onload=alert(1)>", "not accepted"),
        ("tabelle.xlsx", b"PK\x03\x04kaputt", "does not fit"),
        ("text.odt", odt("text/html"), "does not fit"),
        ("seite.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "does not fit"),
        ("ohne-endung", b"hallo", "not accepted"),
    ],
)
def test_hostile_files_are_refused(cast, meeting, client_for, name, content, message):
    item = propose(cast.kehl, meeting)
    answer = client_for(cast.kehl).post(
        url("item_attach", item.pk), {"file": SimpleUploadedFile(name, content)}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 422
    assert message in answer.text
    assert not Attachment.objects.exists()


def test_too_large_a_file_is_refused(cast, meeting, client_for, settings):
    settings.UPLOAD_MAX_BYTES = 10
    item = propose(cast.kehl, meeting)
    answer = client_for(cast.kehl).post(url("item_attach", item.pk), {"file": pdf()}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "a\u202efdp.exe.pdf", "x" * 300 + ".pdf", 'a";b\r\nX: y.pdf'])
def test_hostile_file_names_are_only_names(cast, meeting, client_for, name):
    item = propose(cast.kehl, meeting)
    upload = pdf("ok.pdf")
    upload._name = name
    from meetings.domain.files import attach_file

    attachment = attach_file(item=item, upload=upload, by=cast.kehl)
    assert "/" not in attachment.name
    assert "\u202e" not in attachment.name
    assert "\n" not in attachment.name
    assert len(attachment.name) <= 200
    assert attachment.name.endswith(".pdf")
    assert client_for(cast.kehl).get(url("file", attachment.pk)).status_code == 200
    assert client_for(cast.kehl).get(url("item", item.pk)).status_code == 200


def test_only_the_proposing_town_and_the_chair_attach(cast, meeting, client_for):
    item = propose(cast.kehl, meeting)
    assert client_for(cast.achern).post(url("item_attach", item.pk), {"file": pdf()}).status_code == 403
    assert client_for(cast.coordinator).post(url("item_attach", item.pk), {"file": pdf()}).status_code == 302


def test_a_cancelled_meeting_takes_no_proposals(cast, client_for):
    meeting = make_meeting(cast, state="cancelled", reason="Sturm")
    answer = client_for(cast.kehl).post(url("item_add", meeting.pk), ITEM, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert "cancelled" in answer.text


def test_a_file_can_come_with_the_proposal(cast, meeting, client_for):
    kehl = client_for(cast.kehl)
    bad = kehl.post(
        url("item_add", meeting.pk), {**ITEM, "file": pdf("x.pdf", b"<html>")}, headers={"hx-request": "true"}
    )
    assert bad.status_code == 422
    assert not AgendaItem.objects.exists()
    kehl.post(url("item_add", meeting.pk), {**ITEM, "file": pdf()})
    assert Attachment.objects.get().item == AgendaItem.objects.get()


def test_links_are_shown_and_survive_editing(cast, meeting, client_for):
    item = propose(cast.coordinator, meeting)
    chair = client_for(cast.coordinator)
    links = "https://ex.example/a Vorlage\nhttps://ex.example/b"
    chair.post(url("item_edit", item.pk), {**ITEM, "links": links, "version": 1})
    page = chair.get(url("item", item.pk)).text
    assert '<a href="https://ex.example/a" rel="noopener noreferrer" target="_blank">Vorlage</a>' in page
    assert "https://ex.example/a Vorlage" in chair.get(url("item_edit", item.pk)).text
    clash = chair.post(
        url("item_edit", item.pk), {**ITEM, "kind": "report", "version": 1}, headers={"hx-request": "true"}
    )
    assert clash.status_code == 409
    # Both differ: the kind in its own words, the links line by line.
    assert "https://ex.example/a Vorlage" in clash.text
    assert ">Discussion</blockquote>" in clash.text


def bomb() -> bytes:
    """An .odt whose mimetype is packed so that reading it unpacks 50 MB at once."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("mimetype", b"a" * 50_000_000)
    return buffer.getvalue()


def test_a_zip_bomb_is_not_unpacked(cast, meeting, client_for):
    item = propose(cast.kehl, meeting)
    upload = SimpleUploadedFile("bombe.odt", bomb())
    tracemalloc.start()
    answer = client_for(cast.kehl).post(url("item_attach", item.pk), {"file": upload}, headers={"hx-request": "true"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 422
    assert peak < 20_000_000


def test_damaged_documents_are_refused_and_nothing_breaks(cast, meeting, client_for):
    item, whole = propose(cast.kehl, meeting), odt()
    client = client_for(cast.kehl)
    for place in range(0, len(whole), 3):
        content = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        upload = SimpleUploadedFile(f"kaputt{place}.odt", content)
        answer = client.post(url("item_attach", item.pk), {"file": upload}, headers={"hx-request": "true"})
        assert answer.status_code in (204, 422)


def test_an_item_is_never_lost_on_a_third_level(cast, meeting):
    """X was dropped below Y, which somebody moved below Z meanwhile: X keeps its place, and the person is told."""
    x, y, z = (propose(cast.coordinator, meeting, title=title) for title in "XYZ")
    stale_y = AgendaItem.objects.get(pk=y.pk)
    place_item(item=y, parent=z, before=None, by=cast.coordinator)
    with pytest.raises(Refused):
        place_item(item=x, parent=stale_y, before=None, by=cast.coordinator)
    assert sorted(title for _number, title in titles(meeting)) == ["X", "Y", "Z"]


def test_the_same_edit_sent_twice_is_no_conflict(cast, meeting, client_for):
    item = propose(cast.coordinator, meeting)
    chair = client_for(cast.coordinator)
    for _twice in range(2):
        answer = chair.post(
            url("item_edit", item.pk), {**ITEM, "text": "neu", "version": 1}, headers={"hx-request": "true"}
        )
        assert answer.status_code == 204


def test_a_town_presents_for_itself_only(cast, meeting, client_for):
    form = {**ITEM, "municipality": "08317001"}
    answer = client_for(cast.kehl).post(url("item_add", meeting.pk), form, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert client_for(cast.coordinator).post(url("item_add", meeting.pk), form).status_code == 302


def test_an_agenda_has_an_end(cast, meeting, client_for):
    items = [AgendaItem(meeting=meeting, title=f"P{k}", state="proposed") for k in range(200)]
    AgendaItem.objects.bulk_create(items)
    answer = client_for(cast.kehl).post(url("item_add", meeting.pk), ITEM, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert "This agenda is full" in answer.text
