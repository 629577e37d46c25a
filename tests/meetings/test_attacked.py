"""What a hostile look at votes, decisions, minutes and public pages found: it stays closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from collab.live.answers import Refused
from collab.live.models import Change
from meetings.domain.circular import open_circular, withdraw_circular
from meetings.domain.deputy import set_deputy
from meetings.domain.objection import object_to_procedure
from meetings.domain.publication import publish_item, withdraw
from meetings.domain.terms import set_terms
from meetings.domain.verify import verify
from meetings.domain.visibility import set_decision_visibility, set_item_visibility
from meetings.domain.voice import cast_voice
from meetings.domain.vote import close_vote, open_vote, withdraw_vote
from meetings.models import AgendaItem, Decision, Meeting, MinutesVersion, Vote, Wording
from meetings.queries.minutes_content import canonical, content_of_version, sha256_of
from meetings.queries.public_content import of_item, seal_of
from meetings.views import public
from tests.conftest import Cast, make_meeting
from tests.meetings.test_circular import put, url
from tests.meetings.test_decisions import decide, open_item
from tests.meetings.test_minutes import finalised, held
from tests.meetings.test_publication import address, anonymous, open_site, publish
from workgroups.domain.group import close_group
from workgroups.models import Group, GroupMembership


@pytest.fixture(autouse=True)
def no_pages_remembered() -> Iterator[None]:
    """As in a process that has just begun."""
    public._etags.clear()
    yield
    public._etags.clear()


# The public pages


def test_the_validators_of_public_pages_tell_nothing_of_what_goes_on_inside(cast: Cast) -> None:
    held(cast)
    open_site(cast)
    publish(Decision.objects.get(), cast)
    pages = [address(cast, page) for page in ("", "decisions/", "decisions/2026-001/", "projects/", "minutes/")]
    pages = [page.replace("2026-001", Decision.objects.get().reference) for page in pages]
    before = [anonymous().get(page)["ETag"] for page in pages]
    vote = put(cast, subject="Nur wir", visibility="group")
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="no", by=cast.kehl)
    assert [anonymous().get(page)["ETag"] for page in pages] == before
    assert [anonymous().head(page)["ETag"] for page in pages] == before


def test_a_public_page_is_asked_for_anew_as_soon_as_it_says_something_else(cast: Cast) -> None:
    held(cast)
    held(cast, title="Nächste")
    open_site(cast)
    first, second = Decision.objects.order_by("pk")
    publication = publish(first, cast)
    listed, one = address(cast, "decisions/"), address(cast, f"decisions/{first.reference}/")

    def status(path: str, etag: str) -> int:
        return anonymous().get(path, headers={"if-none-match": etag}).status_code

    etag, of_one = anonymous().get(listed)["ETag"], anonymous().get(one)["ETag"]
    assert status(listed, etag) == 304
    publish(second, cast)
    assert (status(listed, etag), status(one, of_one)) == (200, 304)
    withdraw(publication=publication, reason="Ein Versehen", by=cast.coordinator)
    assert status(one, of_one) == 404


def test_no_page_is_said_to_be_unchanged_that_is_not_there(cast: Cast) -> None:
    open_site(cast)
    for page in ("decisions/2026-999/", "minutes/999/"):
        assert anonymous().get(address(cast, page), headers={"if-none-match": "*"}).status_code == 404
    assert anonymous().get(address(cast), headers={"if-none-match": "*"}).status_code == 304


# What is for the group only


def review_of(cast: Cast, decision: Decision) -> AgendaItem:
    """The item in which it comes up again, on the agenda of a meeting to come."""
    make_meeting(cast)
    tomorrow = timezone.localdate() + timedelta(days=1)
    set_terms(decision=decision, expires_on=None, review_on=tomorrow, reason="Prüfen", version=0, by=cast.coordinator)
    return AgendaItem.objects.get(reviews=decision)


@pytest.mark.parametrize("whole_item", [False, True])
def test_what_names_a_decision_that_becomes_the_groups_own_becomes_so_too(
    cast: Cast, client_for: Any, whole_item: bool
) -> None:
    held(cast)
    Decision.objects.update(subject="Vergabe an Firma Geheim")
    decision = Decision.objects.select_related("item").get()
    review = review_of(cast, decision)
    pages = [url("item", review.pk), url("meeting", review.meeting_id), url("home"), "/n/ortenau/search/?q=Vergabe"]
    inside, outside = client_for(cast.achern), client_for(cast.mayor)
    assert all("Firma Geheim" in outside.get(page).text for page in pages[:2])
    if whole_item:
        set_item_visibility(item=decision.item, visibility="group", seen="network", by=cast.coordinator)  # type: ignore[arg-type]
    else:
        set_decision_visibility(decision=decision, visibility="group", seen="network", by=cast.coordinator)
    assert outside.get(pages[0]).status_code == 404
    assert not [page for page in pages if "Firma Geheim" in outside.get(page).text]
    assert "Firma Geheim" in inside.get(pages[0]).text


def test_a_public_review_is_taken_off_before_its_decision_becomes_the_groups_own(cast: Cast) -> None:
    held(cast)
    decision = Decision.objects.select_related("item").get()
    review = review_of(cast, decision)
    publish_item(item=review, seal=seal_of(of_item(review)), by=cast.coordinator)
    with pytest.raises(Refused):
        set_decision_visibility(decision=decision, visibility="group", seen="network", by=cast.coordinator)


def test_an_earlier_vote_on_the_wording_goes_with_its_decision(cast: Cast, client_for: Any) -> None:
    item = open_item(cast)
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=item)
    item.refresh_from_db()
    earlier = open_vote(item=item, kind="open", text="Wir kaufen bei Geheim.", by=cast.coordinator)
    withdraw_vote(vote=earlier, reason="Noch einmal lesen", by=cast.coordinator)
    draft = Wording.objects.get()
    values = {"wording_id": draft.pk, "version": draft.version, "by": cast.coordinator}
    vote = open_vote(item=item, kind="open", text="Wir kaufen bei Geheim und Co.", **values)
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="yes", by=cast.kehl)
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)
    outside = client_for(cast.mayor)
    assert "Geheim" in outside.get(url("vote", earlier.pk)).text
    decision = Decision.objects.get()
    set_decision_visibility(decision=decision, visibility="group", seen="network", by=cast.coordinator)
    assert [outside.get(url("vote", pk)).status_code for pk in (earlier.pk, vote.pk)] == [404, 404]
    pages = (url("item", item.pk), url("meeting", item.meeting_id), url("home"))
    assert not [page for page in pages if "Geheim" in outside.get(page).text]
    # The item as a whole, and back: what is said of the decision stays.
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    set_item_visibility(item=item, visibility="network", seen="group", by=cast.coordinator)
    assert set(Vote.objects.values_list("visibility", flat=True)) == {"group"}
    decision.refresh_from_db()
    set_decision_visibility(decision=decision, visibility="network", seen="group", by=cast.coordinator)
    assert set(Vote.objects.values_list("visibility", flat=True)) == {"network"}


def test_what_was_voted_on_before_it_came_to_the_table_goes_with_its_item(cast: Cast, client_for: Any) -> None:
    make_meeting(cast)
    vote = put(cast, subject="Firma Geheim", text="Wir kaufen bei Geheim.")
    object_to_procedure(vote=vote, reason="Das gehört auf den Tisch.", by=cast.kehl)
    outside = client_for(cast.mayor)
    assert "Firma Geheim" in outside.get(url("vote_list")).text
    item = Vote.objects.get().next_item
    assert item is not None
    set_item_visibility(item=item, visibility="group", seen="network", by=cast.coordinator)
    assert outside.get(url("vote", vote.pk)).status_code == 404
    assert "Geheim" not in outside.get(url("vote_list")).text
    assert "Firma Geheim" in client_for(cast.achern).get(url("vote_list")).text


def test_who_deputises_for_a_town_that_left_a_group_reads_nothing_new_of_it(cast: Cast, client_for: Any) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="AG", is_internal=True)
    of_kehl = [GroupMembership.objects.create(group=group, membership=one) for one in (cast.durbach, cast.kehl)][1]
    values = {"group": group, "text": "So soll es sein.", "by": cast.coordinator}
    asked = open_circular(subject="Als Kehl dabei war", **values)
    set_deputy(membership=cast.mayor, version=0, by=cast.kehl)
    deputy = client_for(cast.mayor)
    assert "Als Kehl dabei war" in deputy.get(url("vote_list")).text
    of_kehl.delete()
    later = open_circular(subject="Nachher", **values)
    assert "Nachher" not in deputy.get(url("vote_list")).text
    assert [deputy.get(url("vote", vote.pk)).status_code for vote in (asked, later)] == [200, 404]


# Finalised minutes


def said_by_verify() -> list[str]:
    return [one.what for one in verify()]


def forged(version: MinutesVersion) -> str:
    """Write something else into a version, with a SHA-256 that fits; returns that."""
    text = canonical({**content_of_version(version), "remarks": "Was nie gesagt wurde"})
    MinutesVersion.objects.filter(pk=version.pk).update(content=text, sha256=sha256_of(text))
    return sha256_of(text)


def test_an_entry_added_to_the_log_does_not_vouch_for_a_forged_version(cast: Cast) -> None:
    version = finalised(cast, held(cast))
    assert verify() == []
    sha = forged(version)
    entry = Change.objects.get(verb="minutes_finalised")
    last = Change.objects.order_by("-version").values_list("version", flat=True)[0]
    entry.pk, entry.version, entry.params = None, last + 1, {**entry.params, "sha256": sha}
    entry.save(force_insert=True)
    assert any("once more" in what for what in said_by_verify())
    assert any("names another SHA-256" in what for what in said_by_verify())


@pytest.mark.parametrize("content", ["[" * 100_000, '{"format":1,"meeting":{},"network":{},"annexes":[7]}', ""])
def test_what_cannot_be_read_does_not_hide_what_else_was_changed(cast: Cast, content: str) -> None:
    first, second = finalised(cast, held(cast)), finalised(cast, held(cast, title="Zweite"))
    MinutesVersion.objects.filter(pk=first.pk).update(content=content)
    forged(second)
    assert {one.meeting.partition(",")[0] for one in verify()} == {"Jour fixe", "Zweite"}


# A group that ends


def test_a_group_is_not_closed_while_it_votes(cast: Cast) -> None:
    vote = put(cast)
    with pytest.raises(Refused):
        close_group(group=cast.group, word="", by=cast.coordinator)
    withdraw_circular(vote=vote, reason="Die Gruppe endet.", by=cast.coordinator)
    assert close_group(group=cast.group, word="", by=cast.coordinator).state == "closed"


# A vote in the room


def test_nobody_writes_down_a_result_while_the_municipalities_vote(cast: Cast) -> None:
    item = open_item(cast)
    Meeting.objects.filter(pk=item.meeting_id).update(active_item=item)
    item.refresh_from_db()
    vote = open_vote(item=item, kind="open", text="Wir führen die E-Akte ein.", by=cast.coordinator)
    with pytest.raises(Refused):
        decide(cast, item)
    cast_voice(vote=vote, municipality=cast.town("kehl"), answer="no", by=cast.kehl)
    close_vote(vote=vote, expected=vote.version, by=cast.coordinator)
    assert decide(cast, item).pk != Vote.objects.get().decision_id
