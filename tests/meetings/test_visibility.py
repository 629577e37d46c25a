"""What is for the group only stays there: the whole network is walked as somebody outside, looking for a word.

Everything of the group that can be for it alone carries the word: an agenda item with its text, notes, files, wording,
round, votes, decisions and the minutes; the rest of the meeting is the network's.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from collab.live.answers import Refused
from collab.live.models import Change
from collab.live.regions import audience_of, region_id, region_names, render
from collab.network.models import Municipality
from meetings.domain.adoption import say_adoption
from meetings.domain.agenda import propose_item
from meetings.domain.carrying_out import link_action, link_project, report_work
from meetings.domain.circular import end_circular, open_circular
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.every_time import put_on_every_agenda, take_off_every_agenda
from meetings.domain.files import attach_file
from meetings.domain.finalise import finalise
from meetings.domain.leading import undo
from meetings.domain.life_steps import add_correction
from meetings.domain.minutes import edit_text
from meetings.domain.publication import publish_minutes
from meetings.domain.recording import record_action
from meetings.domain.room import activate_item, open_meeting, save_notes
from meetings.domain.supersede import supersede
from meetings.domain.terms import set_terms
from meetings.domain.visibility import set_decision_visibility, set_item_visibility, set_minutes_visibility
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote
from meetings.domain.wording import draft_wording
from meetings.models import (
    AgendaItem,
    Attachment,
    Decision,
    Meeting,
    MeetingGuest,
    MinutesVersion,
    PublicSite,
    Series,
    Step,
    Vote,
)
from meetings.queries.minutes import minutes_of
from meetings.queries.minutes_content import canonical, sha256_of
from meetings.queries.public_content import of_minutes, seal_of
from tests.conftest import Cast, make_meeting, make_project
from tests.test_permissions import addresses
from workgroups.models import ActionItem, Group, GroupMembership, Project

WORD = "Quittenmus"
# Who may do what does not depend on the database; once is enough.
once_is_enough = pytest.mark.sqlite_only
# Achern is not in the working group; the others are not in the group of the officers.
OUTSIDE = ("mayor", "guide", "guest", "achern", "nobody")


class Secret:
    """A meeting over and one to come, each with an item for the group only, and all that can hang on it."""

    def __init__(self, cast: Cast, group: Group) -> None:
        by, today = cast.coordinator, timezone.localdate()
        self.cast, self.group = cast, group
        self.project = make_project(by, "E-Akte")
        self.past = make_meeting(cast, group=group, title="Jour fixe", date=today)
        self.ahead = make_meeting(cast, group=group, title="Jour fixe im Advent", date=today + timedelta(days=14))
        for meeting in (self.past, self.ahead):
            MeetingGuest.objects.create(meeting=meeting, membership=cast.guest)
        self.open_item = propose_item(meeting=self.past, by=by, title="Berichte")
        self.item = self.hide(self.past)
        self.next = self.hide(self.ahead)
        open_meeting(meeting=self.past, by=by)
        self.plain = record_decision(item=self.open_item, wording="Wie bisher.", mode="unanimous", by=by)
        self.decide_behind_closed_doors()
        activate_item(item=self.item, expected=self._active(), by=by)
        save_notes(item=self.item, notes=f"{WORD} in den Notizen", version=1, by=by)
        draft_wording(item=self.item, text=f"{WORD} als Entwurf", by=by)
        self.decision = record_decision(item=self.item, wording=f"{WORD} beschlossen", mode="unanimous", by=by)
        town = {"municipality": cast.kehl.municipality, "person": None, "due_on": today, "note": ""}
        self.action = record_action(item=self.item, title="Angebot einholen", by=by, **town)
        self.live_on()
        self.vote = self.put_to_the_vote()
        self.circular()
        over = self.circular()
        Vote.objects.filter(pk=over.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
        end_circular(vote=over)

    def decide_behind_closed_doors(self) -> None:
        """Decide something for the group only on an item that everybody reads, by a vote and by a note of it."""
        by, one = self.cast.coordinator, {"item": self.open_item, "by": self.cast.coordinator}
        activate_item(item=self.open_item, expected=self._active(), by=by)
        draft_wording(text=f"{WORD} zuerst", **one)
        vote = self._voted_on(open_vote(kind="open", text=f"{WORD} zuerst", **one))
        close_vote(vote=vote, expected=vote.version, by=by)
        record_decision(wording=f"{WORD} danach", mode="unanimous", **one)
        for decision in Decision.objects.filter(wording__contains=WORD):
            set_decision_visibility(decision=decision, visibility="group", seen="network", by=by)

    def hide(self, meeting: Meeting) -> AgendaItem:
        by = self.cast.coordinator
        item = propose_item(
            meeting=meeting, by=by, title=f"{WORD} als Titel", text=f"{WORD} im Text", project=self.project
        )
        attach_file(item=item, upload=SimpleUploadedFile(f"{WORD}.txt", WORD.encode()), by=by)
        return set_item_visibility(item=item, visibility="group", seen="network", by=by)

    def live_on(self) -> None:
        """Say something at every place of the decision's life, and let it replace one that everybody reads."""
        by, one, today = self.cast.coordinator, self.decision, timezone.localdate()
        link_action(decision=one, action=self.action, by=by)
        work = link_project(decision=one, project=self.project, due_on=today, by=by)
        said = {"due_on": today, "delay": f"{WORD} verspätet", "note": "", "done_on": None}
        report_work(link=work, version=work.version, by=by, **said)
        word = {"word": f"{WORD} in Kehl", "paper": f"GR {WORD}", "paper_link": ""}
        kehl = {"municipality": self.cast.kehl.municipality, "by": self.cast.kehl}
        say_adoption(decision=one, state="planned", on=today + timedelta(days=9), version=0, **word, **kehl)
        review_on = today + timedelta(days=3)
        dates = {"expires_on": None, "review_on": review_on, "reason": f"{WORD} prüfen"}
        set_terms(decision=one, version=0, by=by, **dates)
        on = {"on": today, "expected": "in_force", "reason": "Neu geregelt"}
        supersede(decision=self.plain, other=one, by=by, **on)

    def put_to_the_vote(self) -> Vote:
        """Return an open vote, after one that is closed; both with a reason."""
        on = {"item": self.item, "by": self.cast.coordinator}
        vote = self._voted_on(open_vote(kind="open", text=f"{WORD} als Entwurf", **on))
        close_vote(vote=vote, expected=vote.version, by=self.cast.coordinator)
        draft_wording(text=f"{WORD} noch einmal", **on)
        return self._voted_on(open_vote(kind="consent", text=f"{WORD} noch einmal", **on))

    def circular(self) -> Vote:
        texts = {"subject": f"{WORD} im Umlauf", "text": f"{WORD} im Umlauf", "background": f"{WORD}, weil"}
        vote = open_circular(group=self.group, visibility="group", by=self.cast.coordinator, **texts)
        return self._voted_on(vote)

    def _voted_on(self, vote: Vote) -> Vote:
        kehl = self.cast.kehl
        cast_voice(vote=vote, municipality=kehl.municipality, answer="yes", reason=f"{WORD}, darum", by=kehl)
        vote.refresh_from_db()
        return vote

    def close(self) -> None:
        by = self.cast.coordinator
        vote = Vote.objects.get(pk=self.vote.pk)
        close_vote(vote=vote, expected=vote.version, by=by)
        close_meeting(meeting=self.past, by=by)
        self.past = Meeting.objects.get(pk=self.past.pk)
        item = AgendaItem.objects.get(pk=self.item.pk)
        texts = {"result": f"{WORD} als Ergebnis", "notes": f"{WORD} in der Niederschrift"}
        edit_text(minutes=minutes_of(self.past), item=item, version=item.notes_version, by=by, **texts)
        wrong = self.decision
        add_correction(decision=wrong, text=f"{WORD} berichtigt", reason=f"{WORD} verschrieben", seen=0, by=by)

    def finalise(self) -> None:
        minutes = minutes_of(self.past)
        finalise(minutes=minutes, version=minutes.version, by=self.cast.coordinator)

    def publish(self) -> None:
        """Let everybody read the minutes, with names."""
        version = MinutesVersion.objects.get()
        seal = seal_of(of_minutes(version, with_names=True))
        publish_minutes(version=version, with_names=True, seal=seal, by=self.cast.coordinator)

    def _active(self) -> int | None:
        return Meeting.objects.get(pk=self.past.pk).active_item_id


def working_group(cast: Cast) -> Group:
    group = Group.objects.create(network=cast.network, kind="working_group", name="AG E-Akte")
    GroupMembership.objects.create(group=group, membership=cast.kehl)
    return group


@pytest.fixture
def secret(cast: Cast, request: Any) -> Secret:
    PublicSite.objects.create(network=cast.network, is_open=True)
    return Secret(cast, working_group(cast) if "achern" in request.node.name else cast.group)


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
    kehl = Municipality.objects.get(short_name="Kehl").pk
    others = {"year": timezone.localdate().year, "number": 1, "kind": "people", "version": 1, "ags": kehl}
    # Both files are made of the same table: one of them here, the other one of the tests of tables.
    others["ending"] = "xlsx"
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
    """Return what an address says: also inside of a PDF and of a table."""
    answer = client.get(path, query)
    if answer.status_code >= 300:
        return ""
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"%PDF"):
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b" ".join(map(packed.read, packed.namelist()))
    return content.decode("utf-8", "replace")


def leaks_to(who: str, cast: Cast, client: Client) -> list[str]:
    """Return where somebody finds the word: on pages, in exports and the API, in live regions, in the search."""
    slug, member = cast.network.slug, getattr(cast, who, None)
    found = [path for path in paths(slug) if WORD in told_by(client, path)]
    for identifier in identifiers() if member else ():
        if audience := audience_of(identifier, member):
            try:
                text = render(identifier, audience, "de")
            except ObjectDoesNotExist:  # the key of something else
                continue
            found += [f"{identifier} ({audience})"] if WORD in text else []
    for path in SEARCHED:
        said = told_by(client, f"/n/{slug}/{path}", q=WORD)
        # What was asked for stands in the box, in the title and in the addresses of the page itself.
        without_question = re.sub(rf'value="{WORD}"|: {WORD} –|“{WORD}”|„{WORD}“|q={WORD}', "", said)
        found += [f"/n/{slug}/{path}?q="] if WORD in without_question else []
    found += ["live_poll"] if WORD in polled(client, slug) else []
    return found


SEARCHED = ("search/", "decisions/", "action-items/", "minutes/", "votes/", "projects/", "overview/")


def identifiers() -> list[str]:
    """Return all regions there could be."""
    most = 10
    return [region_id(name, pk) for name in region_names() for pk in range(1, most)]


def polled(client: Client, slug: str) -> str:
    """Return what somebody hears who asks for all regions there could be, since the beginning."""
    asked = identifiers()
    parts = [asked[at : at + 100] for at in range(0, len(asked), 100)]
    return "".join(told_by(client, f"/n/{slug}/live/", v="0", r=part) for part in parts)


@once_is_enough
@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_finds_a_word_of_it_anywhere(secret: Secret, cast: Cast, client_for: Any, who: str) -> None:
    client = Client() if who == "nobody" else client_for(getattr(cast, who))
    assert not leaks_to(who, cast, client), "while the meeting is in session"
    secret.close()
    if who == "mayor":  # a walk takes its time
        assert not leaks_to(who, cast, client), "when it is over, with a draft of the minutes"
    secret.finalise()
    secret.publish()
    assert not leaks_to(who, cast, client), "when the minutes are finalised and public"


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
        f"/n/{slug}/decisions/export.xlsx",
        f"/n/{slug}/decisions/{secret.decision.reference}.pdf",
        f"/n/{slug}/decisions/year/{secret.decision.year}.pdf",
        f"/n/{slug}/meetings/{secret.past.pk}/minutes.pdf",
        f"/n/{slug}/votes/{secret.vote.pk}/",
        f"/api/n/{slug}/decisions/",
        f"/api/n/{slug}/meetings/{secret.past.pk}/",
        f"/n/{slug}/meetings/{secret.past.pk}/minutes/",
        f"/n/{slug}/search/?q=",
    ):
        assert path in found, path


# -- at single places -------------------------------------------------------------------------------------------------


def test_minutes_are_linked_for_whom_they_are_there(cast: Cast, client_for: Any) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    propose_item(meeting=meeting, by=cast.coordinator, title="Berichte")
    open_meeting(meeting=meeting, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    page, link = f"/n/ortenau/meetings/{meeting.pk}/", f'href="/n/ortenau/meetings/{meeting.pk}/minutes/"'
    outside, inside = client_for(cast.mayor), client_for(cast.kehl)
    assert link in inside.get(page).text
    assert link not in outside.get(page).text
    meeting.refresh_from_db()
    minutes = minutes_of(meeting)
    finalise(minutes=minutes, version=minutes.version, by=cast.coordinator)
    assert link in outside.get(page).text
    set_minutes_visibility(meeting=meeting, visibility="group", seen="network", by=cast.coordinator)
    assert link not in outside.get(page).text
    assert link in inside.get(page).text


def test_a_decision_opened_to_the_network_does_not_lead_to_its_closed_item(cast: Cast, client_for: Any) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    item = propose_item(meeting=meeting, by=cast.coordinator, title="Vergabe")
    open_meeting(meeting=meeting, by=cast.coordinator)
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    decision = record_decision(item=item, wording="Los geht es.", mode="unanimous", by=cast.coordinator)
    AgendaItem.objects.filter(pk=item.pk).update(title=f"Vergabe an {WORD}")
    page, link = f"/n/ortenau/decisions/{decision.reference}/", f"/n/ortenau/items/{item.pk}/"
    assert link in client_for(cast.kehl).get(page).text
    set_decision_visibility(decision=decision, visibility="network", seen="group", by=cast.coordinator)
    said = client_for(cast.mayor).get(page).text
    assert "Los geht es." in said
    assert link not in said
    assert WORD not in said
    assert link in client_for(cast.kehl).get(page).text, "who sat at the table gets there"


def test_a_step_taken_back_stays_inside_also_when_the_item_is_called_otherwise(cast: Cast, client_for: Any) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    item = propose_item(meeting=meeting, by=cast.coordinator, title=f"{WORD} als Titel")
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    propose_item(meeting=meeting, by=cast.coordinator, title="Davor")
    open_meeting(meeting=meeting, by=cast.coordinator)
    for at in meeting.items.order_by("-pk"):
        activate_item(item=at, expected=Meeting.objects.get(pk=meeting.pk).active_item_id, by=cast.coordinator)
    undo(meeting=meeting, step=Step.objects.latest("pk").pk, by=cast.coordinator)
    AgendaItem.objects.filter(pk=item.pk).update(title="Neuer Titel")
    page = f"/n/ortenau/meetings/{meeting.pk}/"
    assert WORD in client_for(cast.kehl).get(page).text
    assert WORD not in client_for(cast.mayor).get(page).text


def test_what_is_for_the_group_only_comes_on_no_other_agenda_by_itself(cast: Cast, client_for: Any) -> None:
    series = Series.objects.create(group=cast.group, title="Jour fixe", created_by=cast.coordinator)
    meeting = make_meeting(cast)
    Meeting.objects.filter(pk=meeting.pk).update(series=series)
    meeting.refresh_from_db()
    item = propose_item(meeting=meeting, by=cast.coordinator, title=f"{WORD} jedes Mal")
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    with pytest.raises(Refused):
        put_on_every_agenda(item=item, by=cast.coordinator)
    page, button = client_for(cast.coordinator), "Put on every agenda"
    assert button not in page.get(f"/n/ortenau/items/{item.pk}/").text
    set_item_visibility(item=item, visibility="network", seen="group", by=cast.coordinator)
    AgendaItem.objects.filter(pk=item.pk).update(title="Jedes Mal")
    item.refresh_from_db()
    assert button in page.get(f"/n/ortenau/items/{item.pk}/").text
    put_on_every_agenda(item=item, by=cast.coordinator)
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    AgendaItem.objects.filter(pk=item.pk).update(title=f"{WORD} jedes Mal")
    assert "No longer on every agenda" in page.get(f"/n/ortenau/items/{item.pk}/").text
    take_off_every_agenda(item=item, by=cast.coordinator)
    assert Change.objects.filter(verb="every_time_removed").exists()
    assert WORD not in client_for(cast.mayor).get("/n/ortenau/changes/").text


def test_the_api_gives_minutes_whole_to_the_group_and_without_what_is_its_own_to_others(
    cast: Cast, client_for: Any
) -> None:
    meeting = make_meeting(cast, date=timezone.localdate())
    propose_item(meeting=meeting, by=cast.coordinator, title="Berichte")
    item = propose_item(meeting=meeting, by=cast.coordinator, title=f"{WORD} als Titel")
    open_meeting(meeting=meeting, by=cast.coordinator)
    close_meeting(meeting=meeting, by=cast.coordinator)
    minutes = minutes_of(Meeting.objects.get(pk=meeting.pk))
    version = finalise(minutes=minutes, version=minutes.version, by=cast.coordinator)
    path = f"/api/n/ortenau/meetings/{meeting.pk}/minutes/"
    inside, outside = client_for(cast.kehl), client_for(cast.mayor)
    for client in (inside, outside):
        answer = client.get(path)
        assert answer["Cache-Control"] == "private, no-store"
        told = answer.json()
        assert sha256_of(canonical(told["content"])) == told["sha256"] == version.sha256
    # What is hidden after it was finalised is not told either; to the group it still is what was finalised.
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    told = outside.get(path).json()["content"]
    assert [one["title"] for one in told["items"]] == ["Berichte", ""]
    assert WORD not in str(told)
    assert sha256_of(canonical(inside.get(path).json()["content"])) == version.sha256
    set_minutes_visibility(meeting=meeting, visibility="group", seen="network", by=cast.coordinator)
    assert outside.get(path).status_code == 404
    assert outside.get("/api/n/ortenau/minutes/").json()["results"] == []
    assert inside.get(path).status_code == 200


@once_is_enough
def test_open_pages_show_at_once_what_is_hidden_and_opened(secret: Secret, cast: Cast) -> None:
    by, vote = cast.coordinator, Vote.objects.get(pk=secret.vote.pk)
    close_vote(vote=vote, expected=vote.version, by=by)
    decisions = list(Decision.objects.filter(visibility="group", meeting=secret.past))
    before = shown_to(cast.mayor)
    change, changed = Change.objects.latest("pk"), set()

    def told() -> None:
        nonlocal before, change
        now = shown_to(cast.mayor)
        regions = {name for one in Change.objects.filter(pk__gt=change.pk) for name in one.regions}
        differ = {name for name in before.keys() & now.keys() if before[name] != now[name]}
        assert differ <= regions, differ - regions
        changed.update(differ)
        before, change = now, Change.objects.latest("pk")

    set_item_visibility(item=secret.item, visibility="network", seen="group", by=by)
    told()
    for visibility, seen in (("network", "group"), ("group", "network")):
        for decision in decisions:
            set_decision_visibility(decision=decision, visibility=visibility, seen=seen, by=by)
            told()
    set_item_visibility(item=secret.item, visibility="group", seen="network", by=by)
    told()
    assert changed


def shown_to(member: Any) -> dict[str, str]:
    """Return what every region there could be shows to somebody who sees it."""
    shown = {}
    for identifier in identifiers():
        if audience := audience_of(identifier, member):
            with suppress(ObjectDoesNotExist):
                shown[identifier] = render(identifier, audience, "de")
    return shown
