"""What an item's page tells of the votes on it; pressing "objection", and what the wall says of the rules."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format

from collab.live.regions import render
from meetings.domain.vote import withdraw_vote
from meetings.domain.wording import amend_wording
from meetings.models import AgendaItem, Meeting, Vote, Wording, WordingVersion
from tests.conftest import Cast
from tests.meetings.test_agenda import url
from tests.meetings.test_vote import HTMX, TEXT, close, item, put, say

__all__ = ["item"]


def item_page(item: AgendaItem, audience: str = "member") -> str:
    return render(f"item-{item.pk}", audience, "en")


def objected(cast: Cast, item: AgendaItem) -> Vote:
    vote = put(cast, item, kind="consent")
    say(vote, cast.achern, "object", "We have no budget for it.")
    close(cast, vote)
    return vote


def test_an_item_lists_its_earlier_votes_and_how_they_ended(cast: Cast, item: AgendaItem) -> None:
    first = objected(cast, item)
    draft = Wording.objects.get()
    amend_wording(wording=draft, text=f"{TEXT} Bald.", version=draft.version, by=cast.coordinator)
    second = put(cast, item, text=f"{TEXT} Bald.")
    say(second, cast.kehl, "yes")
    assert f"votes/{second.pk}/" not in item_page(item), "an open vote is the room's"
    close(cast, second)
    page = item_page(item)
    votes = page[page.index(">Votes<") : page.index(">Decisions<")]
    assert votes.index(f"votes/{first.pk}/") < votes.index(f"votes/{second.pk}/")
    assert "No consent" in votes and "1 objection" in votes
    second.refresh_from_db()
    assert "1 yes, 0 no, 0 abstentions" in votes and f"decisions/{second.decision}/" in votes


def test_a_withdrawn_vote_says_why(cast: Cast, item: AgendaItem) -> None:
    withdraw_vote(vote=put(cast, item), reason="Asked too early.", by=cast.coordinator)
    page = item_page(item)
    assert "Withdrawn" in page and "Asked too early." in page


def test_who_may_not_see_a_vote_does_not_read_of_it(cast: Cast, item: AgendaItem) -> None:
    vote = objected(cast, item)
    assert f"votes/{vote.pk}/" in item_page(item, "reader")
    assert f"votes/{vote.pk}/" not in item_page(item, "guest")
    Vote.objects.filter(pk=vote.pk).update(visibility="group")
    assert f"votes/{vote.pk}/" not in item_page(item, "reader")
    assert f"votes/{vote.pk}/" in item_page(item)


def test_what_was_pressed_is_chosen_in_the_form(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = put(cast, item, kind="consent")
    path = re.search(r'data-answer="object" href="([^"]+)"', render(f"meeting-vote-{item.meeting_id}", "member", "en"))
    assert path is not None
    say(vote, cast.kehl, "yes")
    form = client_for(cast.kehl).get(path[1], headers=HTMX).text
    assert re.search(r'value="object"[^>]*checked', form) and not re.search(r'value="yes"[^>]*checked', form)
    assert "optional" not in form, "an objection needs a reason"
    without = client_for(cast.kehl).get(url("voice", vote.pk, "own"), headers=HTMX).text
    assert re.search(r'value="yes"[^>]*checked', without)


def test_the_wall_states_quorum_and_majority_with_the_result(cast: Cast, item: AgendaItem) -> None:
    Meeting.objects.filter(pk=item.meeting_id).update(state="open")
    vote = put(cast, item)
    say(vote, cast.kehl, "yes")
    close(cast, vote)
    wall = render(f"meeting-wall-{item.meeting_id}", "wall", "en")
    assert "Quorum: 3 municipalities" in wall and "Majority: More yes than no" in wall


def test_the_page_of_a_vote_leads_to_its_item_and_no_longer_asks(cast: Cast, item: AgendaItem, client_for) -> None:
    vote = objected(cast, item)
    page = client_for(cast.mayor).get(url("vote", vote.pk)).text
    assert f'href="{url("item", item.pk)}"' in page
    assert "This vote decided nothing." in page and "amend it and ask again" not in page
    assert "amend it and ask again" in render(f"meeting-vote-{item.meeting_id}", "member", "en")


def test_a_draft_of_another_day_says_which(cast: Cast, item: AgendaItem) -> None:
    draft = put(cast, item).wording
    assert draft is not None
    WordingVersion.objects.filter(wording=draft).update(at=timezone.now() - timedelta(days=9))
    day = date_format(timezone.localtime(timezone.now() - timedelta(days=9)), "SHORT_DATE_FORMAT")
    assert day in item_page(item).split("Wording under discussion")[1].split("</section>")[0]
