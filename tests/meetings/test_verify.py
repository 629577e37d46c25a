"""Tampering with finalised minutes shows, whatever was changed; a copy elsewhere is as good as the original."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from collab.live.models import Change
from meetings.domain.closing import close_meeting
from meetings.domain.files import attach_file
from meetings.domain.verify import verify
from meetings.models import Attachment, Meeting, MinutesVersion
from meetings.queries.minutes_content import canonical, sha256_of
from tests.conftest import Cast
from tests.meetings.test_minutes import begun, finalised, held, item_of, write


@pytest.fixture
def versions(cast: Cast) -> list[MinutesVersion]:
    """Three in one chain: of one meeting, of the next one, and a correction of that."""
    first = finalised(cast, held(cast, title="Erste"))
    meeting = held(cast, title="Zweite")
    second = finalised(cast, meeting)
    write(cast, meeting, result="Ergänzt")
    return [first, second, finalised(cast, meeting, reason="Ergebnis ergänzt")]


def change(version: MinutesVersion, **values: object) -> None:
    MinutesVersion.objects.filter(pk=version.pk).update(**values)


def flipped(text: str, at: int) -> str:
    """Return the text with one letter changed."""
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def found(title: str, number: int) -> bool:
    return any(title in one.meeting and one.number == number for one in verify())


def test_nothing_is_found_where_nothing_was_changed(cast: Cast, versions: list[MinutesVersion]) -> None:
    assert verify() == [] == verify(cast.network)
    out = StringIO()
    call_command("verify_minutes", stdout=out)
    assert "3 versions" in out.getvalue()
    out = StringIO()
    call_command("verify_minutes", network="regional-digital", stdout=out)
    assert "0 versions" in out.getvalue()


def test_any_byte_of_a_content_changed_is_found_and_named(versions: list[MinutesVersion]) -> None:
    middle = versions[1]
    for at in range(0, len(middle.content), 97):
        change(middle, content=flipped(middle.content, at))
        assert found("Zweite", 1)
    change(middle, content=middle.content + " ")
    assert found("Zweite", 1)
    change(middle, content=middle.content)
    assert verify() == []


@pytest.mark.parametrize(
    "forged",
    [
        {"annexes": [{"number": 1, "nbme": "plan.txt", "item": "1", "sha256": "0"}]},
        {"annexes": [{"number": 1, "name": "plan.txt", "item": "1", "sha256": "../../../../etc/passwd"}]},
        {"annexes": 7},
        {"finalised": "yesterday"},
        {"meeting": []},
    ],
)
def test_what_is_no_minutes_any_more_is_named_too(versions: list[MinutesVersion], forged: dict[str, object]) -> None:
    text = canonical({**json.loads(versions[1].content), **forged})
    change(versions[1], content=text, sha256=sha256_of(text))
    assert found("Zweite", 1)
    assert "has not the form of minutes" in str([one.what for one in verify()])


def test_any_byte_of_an_annex_in_a_content_changed_is_named(cast: Cast, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    meeting = begun(cast, title="Mit Anlage")
    attach_file(item=item_of(meeting), upload=SimpleUploadedFile("plan.txt", b"Der Plan"), by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    version = finalised(cast, meeting)
    start = version.content.index('"annexes"')
    for at in range(start, version.content.index("]", start) + 1):
        change(version, content=flipped(version.content, at))
        assert found("Mit Anlage", 1), version.content[start:at]


def test_who_finalised_it_is_held_by_the_log(cast: Cast, versions: list[MinutesVersion]) -> None:
    change(versions[0], finalised_by=cast.kehl)
    assert found("Erste", 1)


def test_a_log_that_names_no_number_is_found(versions: list[MinutesVersion]) -> None:
    logged = Change.objects.get(params__sha256=versions[0].sha256)
    Change.objects.filter(pk=logged.pk).update(params={**logged.params, "number": "one"})
    assert found("Erste", 1)


@pytest.mark.parametrize("name", ["sha256", "previous", "reason", "chain"])
def test_a_column_changed_is_found(versions: list[MinutesVersion], name: str) -> None:
    last = versions[2]
    change(last, **{name: flipped(getattr(last, name), 0)})
    assert found("Zweite", 2)


@pytest.mark.parametrize("values", [{"position": 9}, {"number": 7}, {"finalised_at": "2001-01-01T00:00:00Z"}])
def test_a_number_or_a_time_changed_is_found(versions: list[MinutesVersion], values: dict[str, object]) -> None:
    change(versions[2], **values)
    assert any("Zweite" in one.meeting for one in verify())


def test_a_forger_who_computes_the_hash_anew_is_found(versions: list[MinutesVersion]) -> None:
    first = versions[0]
    content = json.loads(first.content)
    content["items"][0]["title"] = "Gefälscht"
    text = canonical(content)
    change(first, content=text, sha256=sha256_of(text))
    findings = [str(one) for one in verify()]
    # By the log, and by the next version, which holds the hash of the true one.
    assert any("Erste" in one and "change log" in one for one in findings)
    assert any("Zweite" in one and "version before it" in one for one in findings)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_version_taken_away_is_found_also_the_last_one(versions: list[MinutesVersion], number: int) -> None:
    versions[number].delete()
    findings = [str(one) for one in verify()]
    assert any("change log" in one and versions[number].sha256 in one for one in findings)
    assert (len(findings) > 1) == (number < 2)


def test_a_version_slipped_in_is_found(versions: list[MinutesVersion]) -> None:
    Change.objects.filter(params__sha256=versions[2].sha256).delete()
    assert [one.what for one in verify()] == ["the change log does not know it"]


def test_the_files_of_the_annexes_are_checked(cast: Cast, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    meeting = begun(cast)
    attach_file(item=item_of(meeting), upload=SimpleUploadedFile("plan.txt", b"Der Plan"), by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    finalised(cast, meeting)
    assert verify() == []
    path = Path(Attachment.objects.get().file.path)
    path.write_bytes(b"Ein anderer")
    assert "plan.txt" in verify()[0].what
    path.unlink()
    assert "is not there" in verify()[0].what


def test_the_command_names_what_differs_and_fails(versions: list[MinutesVersion]) -> None:
    change(versions[0], reason="Nachgeschoben")
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_minutes", stderr=err)
    assert "Erste" in err.getvalue() and "version 1" in err.getvalue() and "reason" in err.getvalue()
    with pytest.raises(CommandError, match="no network"):
        call_command("verify_minutes", network="nirgends")


@pytest.mark.django_db(transaction=True)
def test_a_dump_restored_elsewhere_verifies(versions: list[MinutesVersion], tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    call_command("dumpdata", exclude=["contenttypes", "auth.permission", "search"], output=str(dump), verbosity=0)
    before = list(MinutesVersion.objects.order_by("pk").values_list("content", "sha256"))
    call_command("flush", interactive=False, verbosity=0)
    assert not Meeting.objects.exists()
    call_command("loaddata", str(dump), verbosity=0)
    assert list(MinutesVersion.objects.order_by("pk").values_list("content", "sha256")) == before
    assert verify() == []
    MinutesVersion.objects.filter(number=2).update(reason="Anders")
    assert verify()
