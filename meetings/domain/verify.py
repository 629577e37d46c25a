"""Checking that finalised minutes are as they were finalised: each version, their chains, the log, the annexes.

Reads only. A version is held by its own SHA-256, by that of the next one in its chain, and by the change log, which
names each version with its SHA-256: whoever changes, adds or takes away one has to change all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from collab.live.models import Change
from collab.network.models import Network
from meetings.models import Attachment, MinutesVersion
from meetings.queries.minutes_content import FORMAT, Content, canonical, instant, sha256_of

FINALISED = ("minutes_finalised", "minutes_corrected")
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """What is not as it was finalised: in which network, of which meeting and version, and what differs."""

    network: str
    meeting: str
    number: int
    what: str

    def __str__(self) -> str:
        return _("%(network)s: minutes of “%(meeting)s”, version %(number)s: %(what)s") % {
            "network": self.network,
            "meeting": self.meeting,
            "number": self.number,
            "what": self.what,
        }


def verify(network: Network | None = None) -> list[Finding]:
    """Return everything that is not as it was finalised, in the network or in all; empty where all is well."""
    versions = MinutesVersion.objects.select_related("network", "minutes__meeting").order_by("chain", "position", "pk")
    logged = Change.objects.filter(verb__in=FINALISED)
    if network:
        versions, logged = versions.filter(network=network), logged.filter(network=network)
    log, twice = _log(logged)
    found = [_named_twice(change, number) for change, number in twice]
    before: MinutesVersion | None = None
    for version in versions.iterator(chunk_size=200):
        before = before if before and before.chain == version.chain else None
        found += [_finding(version, what) for what in _of_version(version, before)]
        found += [_finding(version, what) for what in _against_log(version, log)]
        before = version
    # What is left in the log has no version any more.
    return [*found, *(_missing(change, number) for (_pk, number), change in sorted(log.items()))]


def count_versions(network: Network | None = None) -> int:
    """Return how many versions `verify` looks at."""
    versions = MinutesVersion.objects.all()
    return (versions.filter(network=network) if network else versions).count()


def _log(changes: Any) -> tuple[dict[tuple[int, int], Change], list[tuple[Change, int]]]:
    """Return the entries of the log by minutes and number of the version; and those that come after another one of the
    same version: whoever cannot change the log may add to it, so the first one counts.
    """
    first: dict[tuple[int, int], Change] = {}
    twice = []
    for change in changes.select_related("network").order_by("network", "version"):
        number = _number_in(change)
        if first.setdefault((change.object_id, number), change) is not change:
            twice.append((change, number))
    return first, twice


def _number_in(change: Change) -> int:
    """Return which version an entry of the log says it is of, 0 where it says none (any more)."""
    number = change.params.get("number")
    return number if isinstance(number, int) else 0


def _finding(version: MinutesVersion, what: str) -> Finding:
    return Finding(version.network.slug, str(version.minutes.meeting), version.number, what)


def _missing(change: Change, number: int) -> Finding:
    what = _("it stands in the change log (%(sha)s) and is not there") % {"sha": change.params.get("sha256", "")}
    return _in_log(change, number, what)


def _named_twice(change: Change, number: int) -> Finding:
    what = _("the change log names it once more (%(sha)s)") % {"sha": change.params.get("sha256", "")}
    return _in_log(change, number, what)


def _in_log(change: Change, number: int, what: str) -> Finding:
    name = f"{change.params.get('meeting', '')}, {change.params.get('date', '')}"
    return Finding(change.network.slug, name, number, what)


def _against_log(version: MinutesVersion, log: dict[tuple[int, int], Change]) -> Iterator[str]:
    change = log.pop((version.minutes_id, version.number), None)
    if change is None:
        yield _("the change log does not know it")
        return
    if change.network_id != version.network_id:
        yield _("“%(name)s” is another one in the table than in the change log") % {"name": "network"}
    if change.params.get("sha256") != version.sha256:
        yield _("the change log names another SHA-256 (%(sha)s)") % {"sha": change.params.get("sha256", "")}
    if change.actor_id != version.finalised_by_id:
        yield _("“%(name)s” is another one in the table than in the change log") % {"name": "finalised_by"}


def _of_version(version: MinutesVersion, before: MinutesVersion | None) -> Iterator[str]:
    sha = sha256_of(version.content)
    if sha != version.sha256:
        yield _("the SHA-256 of its content is %(sha)s, it says %(said)s") % {"sha": sha, "said": version.sha256}
    if version.position != (before.position + 1 if before else 1):
        yield _("before its place %(place)s in the series something is missing") % {"place": version.position}
    if version.previous != (before.sha256 if before else ""):
        yield _("the SHA-256 of the version before it is another one than it says")
    content = _read(version.content)
    if content is None:
        yield _("its content cannot be read")
        return
    if canonical(content) != version.content:
        yield _("its content is not written as it was finalised")
    try:
        found = [
            *(
                _("“%(name)s” is another one in the table than in its content") % {"name": name}
                for name in _differing(version, content)
            ),
            *(_of_annex(version.minutes.meeting_id, annex) for annex in content["annexes"]),
        ]
    except (AttributeError, KeyError, TypeError, ValueError, SuspiciousOperation):  # whatever somebody made of it
        yield _("its content has not the form of minutes")
        return
    yield from filter(None, found)


def _read(text: str) -> Content | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and content.get("format") == FORMAT else None


def _differing(version: MinutesVersion, content: Content) -> list[str]:
    """Return the names of the columns that say something else than the content."""
    finalised = content.get("finalised") or {}
    columns = {
        "number": version.number,
        "chain": version.chain,
        "position": version.position,
        "previous": version.previous,
        "reason": version.reason,
    }
    names = [name for name, value in columns.items() if content.get(name) != value]
    if finalised.get("at") != instant(version.finalised_at):
        names.append("finalised_at")
    if content.get("meeting", {}).get("id") != version.minutes.meeting_id:
        names.append("meeting")
    if content.get("network", {}).get("slug") != version.network.slug:
        names.append("network")
    return names


def _of_annex(meeting: int, annex: Content) -> str:
    names = {"annex": annex["name"], "sha": annex["sha256"]}
    kept = Attachment.objects.filter(item__meeting=meeting, sha256=annex["sha256"]).first()
    path = (kept.file.name or "") if kept else f"attachments/{meeting}/{annex['sha256']}"
    sha = _sha256_of_file(path)
    if not sha:
        return _("the file of the annex “%(annex)s” (%(sha)s) is not there") % names
    return (
        ""
        if sha == annex["sha256"]
        else _("the file of the annex “%(annex)s” is not the one that was attached") % names
    )


def _sha256_of_file(path: str) -> str:
    """Return the SHA-256 of a stored file, an empty text where it is not there."""
    if not default_storage.exists(path):
        return ""
    digest = hashlib.sha256()
    with default_storage.open(path) as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()
