"""What is for the group only stays there: the whole network is walked as somebody outside, looking for a word.

Everything of the group that can be for it alone carries the word: an agenda item with its text, notes, files, wording,
round, votes, decisions and the minutes; the rest of the meeting is the network's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from collab.live.regions import audience_of, region_id, region_names, render
from meetings.domain.agenda import propose_item
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.files import attach_file
from meetings.domain.finalise import finalise
from meetings.domain.recording import record_action
from meetings.domain.room import activate_item, open_meeting, save_notes
from meetings.domain.visibility import set_item_visibility
from meetings.domain.wording import draft_wording
from meetings.models import AgendaItem, Attachment, Decision, Meeting, MeetingGuest, Series, Vote
from meetings.queries.minutes import minutes_of
from tests.conftest import Cast, make_meeting, make_project
from tests.test_permissions import addresses
from workgroups.models import ActionItem, Group, Project

WORD = "Quittenmus"
# Who may do what does not depend on the database; once is enough.
once_is_enough = pytest.mark.sqlite_only
OUTSIDE = ("mayor", "guide", "guest")


class Secret:
    """A meeting over and one to come, each with an item for the group only, and what hangs on it."""

    def __init__(self, cast: Cast) -> None:
        by, today = cast.coordinator, timezone.localdate()
        self.cast = cast
        self.project = make_project(by, "E-Akte")
        self.past = make_meeting(cast, title="Jour fixe", date=today)
        self.ahead = make_meeting(cast, title="Jour fixe im Advent", date=today + timedelta(days=14))
        for meeting in (self.past, self.ahead):
            MeetingGuest.objects.create(meeting=meeting, membership=cast.guest)
        self.open_item = propose_item(meeting=self.past, by=by, title="Berichte")
        self.item = self.hide(self.past)
        self.next = self.hide(self.ahead)
        open_meeting(meeting=self.past, by=by)
        activate_item(item=self.item, expected=self._active(), by=by)
        save_notes(item=self.item, notes=f"{WORD} in den Notizen", version=1, by=by)
        draft_wording(item=self.item, text=f"{WORD} als Entwurf", by=by)
        self.decision = record_decision(item=self.item, wording=f"{WORD} beschlossen", mode="unanimous", by=by)
        town = {"municipality": cast.kehl.municipality, "person": None, "due_on": today, "note": ""}
        self.action = record_action(item=self.item, title="Angebot einholen", by=by, **town)

    def hide(self, meeting: Meeting) -> AgendaItem:
        by = self.cast.coordinator
        item = propose_item(
            meeting=meeting, by=by, title=f"{WORD} als Titel", text=f"{WORD} im Text", project=self.project
        )
        attach_file(item=item, upload=SimpleUploadedFile(f"{WORD}.txt", WORD.encode()), by=by)
        return set_item_visibility(item=item, visibility="group", seen="network", by=by)

    def close(self) -> None:
        close_meeting(meeting=self.past, by=self.cast.coordinator)
        self.past = Meeting.objects.get(pk=self.past.pk)

    def finalise(self) -> None:
        minutes = minutes_of(self.past)
        finalise(minutes=minutes, version=minutes.version, by=self.cast.coordinator)

    def _active(self) -> int | None:
        return Meeting.objects.get(pk=self.past.pk).active_item_id


@pytest.fixture
def secret(cast: Cast) -> Secret:
    return Secret(cast)


# By the first word of an address behind the network, what its key is.
OF = {
    "meetings": Meeting,
    "items": AgendaItem,
    "files": Attachment,
    "series": Series,
    "groups": Group,
    "votes": Vote,
    "projects": Project,
    "action-items": ActionItem,
    "p": Meeting,
    "minutes": Meeting,
}


def keys_of(where: str) -> list[int]:
    found = next((OF[word] for word in where.split("/") if word in OF), None)
    return list(found.objects.order_by("pk").values_list("pk", flat=True)[:6]) if found else [1, 2]


def paths(network: str) -> Iterator[str]:
    """Yield every address of the network that can be read, with every key that could fit."""
    others = {"ending": "csv", "year": timezone.localdate().year, "number": 1, "kind": "people", "version": 1}
    for name, where in addresses():
        if not re.search(r"<slug:(slug|network)>", where):
            continue
        first, *more = [*re.findall(r"<(?:\w+:)?(\w+)>", where)[1:], ""][:3]
        rest = [others[part] for part in more if part in others]
        if len(rest) != len([part for part in more if part]):
            continue
        if not first:
            yield reverse(name, args=[network])
        elif first == "reference":
            yield from (reverse(name, args=[network, one.reference, *rest]) for one in Decision.objects.all())
        elif first == "pk":
            yield from (reverse(name, args=[network, pk, *rest]) for pk in keys_of(where))
        elif first in others:
            yield reverse(name, args=[network, others[first], *rest])


def told_by(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8", "replace") if answer.status_code < 300 else ""


def leaks_to(who: str, cast: Cast, client: Client) -> list[str]:
    """Return where somebody finds the word: on pages, in exports and the API, in live regions, in the search."""
    slug, member = cast.network.slug, getattr(cast, who)
    found = [path for path in paths(slug) if WORD in told_by(client, path)]
    for identifier in identifiers():
        if audience := audience_of(identifier, member):
            try:
                text = render(identifier, audience, "de")
            except ObjectDoesNotExist:  # the key of something else
                continue
            found += [f"{identifier} ({audience})"] if WORD in text else []
    for path in (f"/n/{slug}/search/", f"/n/{slug}/decisions/", f"/n/{slug}/action-items/", f"/n/{slug}/minutes/"):
        said = told_by(client, path, q=WORD)
        # What was asked for stands in the box and in the title.
        without_question = re.sub(rf'value="{WORD}"|“{WORD}”|„{WORD}“|q={WORD}', "", said)
        found += [f"{path}?q="] if WORD in without_question else []
    found += ["live_poll"] if WORD in polled(client, slug) else []
    return found


def identifiers() -> list[str]:
    """Return all regions there could be."""
    most = 8
    return [region_id(name, pk) for name in region_names() for pk in range(1, most)]


def polled(client: Client, slug: str) -> str:
    """Return what somebody hears who asks for all regions there could be, since the beginning."""
    asked = identifiers()
    parts = [asked[at : at + 100] for at in range(0, len(asked), 100)]
    return "".join(told_by(client, f"/n/{slug}/live/", v="0", r=part) for part in parts)


@once_is_enough
@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_finds_a_word_of_it_anywhere(secret: Secret, cast: Cast, client_for: Any, who: str) -> None:
    client = client_for(getattr(cast, who))
    assert not leaks_to(who, cast, client), "while the meeting is in session"
    secret.close()
    assert not leaks_to(who, cast, client), "when it is over, with a draft of the minutes"
    secret.finalise()
    assert not leaks_to(who, cast, client), "when the minutes are finalised"


@once_is_enough
def test_who_belongs_to_the_group_sees_it_all(secret: Secret, cast: Cast, client_for: Any) -> None:
    secret.close()
    secret.finalise()
    found = leaks_to("kehl", cast, client_for(cast.kehl))
    slug = cast.network.slug
    for path in (
        f"/n/{slug}/meetings/{secret.past.pk}/",
        f"/n/{slug}/items/{secret.item.pk}/",
        f"/n/{slug}/decisions/",
        f"/n/{slug}/decisions/{secret.decision.reference}/",
        f"/n/{slug}/decisions/export.csv",
        f"/api/n/{slug}/decisions/",
        f"/api/n/{slug}/meetings/{secret.past.pk}/",
        f"/n/{slug}/meetings/{secret.past.pk}/minutes/",
        f"/n/{slug}/search/?q=",
    ):
        assert path in found, path
