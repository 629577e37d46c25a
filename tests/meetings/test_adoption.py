"""Each town decides for itself: the table under a decision, and who writes its lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import audience_of, render
from collab.live.verbs import sentence
from collab.network.models import Accession, Municipality
from meetings.domain.adoption import say_adoption
from meetings.models import Adoption, AgendaItem, Decision, Meeting
from tests.conftest import TOWNS, Cast, make_meeting, make_member, make_town
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import decide, open_item

from .test_life import HTMX, as_text, now, page

Browser = Callable[..., Client]
KEHL, ACHERN = TOWNS["kehl"], TOWNS["achern"]


@pytest.fixture
def item(cast: Cast) -> AgendaItem:
    return open_item(cast, make_meeting(cast, date=timezone.localdate() - timedelta(days=5)))


@pytest.fixture
def decision(cast: Cast, item: AgendaItem) -> Decision:
    found = now(decide(cast, item))
    Meeting.objects.filter(pk=item.meeting_id).update(state=Meeting.State.CLOSED)
    return found


def say(cast: Cast, decision: Decision, state: str = "adopted", **more: Any) -> Adoption:
    values: dict[str, Any] = {"on": None, "word": "", "paper": "", "paper_link": "", "version": 0, "by": cast.kehl}
    values["municipality"] = cast.town("kehl")
    return say_adoption(**{"decision": decision, "state": state, **values, **more})


def table(decision: Decision, audience: str = "reader") -> str:
    return render(f"decision-adoptions-{decision.pk}", audience, "en")


def test_a_town_says_what_it_does_and_everybody_reads_it(cast: Cast, decision: Decision, client_for: Browser) -> None:
    day = (timezone.localdate() - timedelta(days=1)).isoformat()
    data = {"state": "adopted", "on": day, "word": "Im Rat beschlossen.", "paper": "2026/118", "version": 0}
    data["paper_link"] = "https://ratsinfo.kehl.example/118"
    path = url("adoption", decision.reference, KEHL)
    assert client_for(cast.kehl).post(path, data, headers=HTMX).status_code == 204
    html = page(client_for(cast.mayor), decision)
    text = as_text(html)
    assert "1 of 4 municipalities have adopted it" in text and "3 have not said yet" in text
    assert "Im Rat beschlossen." in text and "2026/118" in text and 'href="https://ratsinfo.kehl.example/118"' in html
    told = Change.objects.get(verb="decision_adopted")
    assert sentence(told) == f"Kehl adopted decision {decision.reference}: {decision.subject}"
    assert f"decision-adoptions-{decision.pk}" in told.regions


def test_only_the_towns_own_officers_write_its_line(cast: Cast, decision: Decision, client_for: Browser) -> None:
    data = {"state": "adopted", "version": 0}
    path = url("adoption", decision.reference, KEHL)
    for member in (cast.achern, cast.coordinator, cast.mayor, cast.guide):
        assert client_for(member).get(path).status_code == 403
        assert client_for(member).post(path, data, headers=HTMX).status_code == 403
        with pytest.raises(PermissionDenied):
            say(cast, decision, by=member)
    for member in (cast.guest, cast.other, cast.other_officer):
        assert client_for(member).post(path, data, headers=HTMX).status_code == 404
    assert Client().post(path, data).status_code == 302
    assert not Adoption.objects.exists()


@pytest.mark.parametrize("ags", ["08216043", "00000000", "nonsense", "x" * 200])
def test_towns_of_others_are_like_none(cast: Cast, decision: Decision, client_for: Browser, ags: str) -> None:
    path = url("adoption", decision.reference, KEHL).replace(KEHL, ags)
    assert client_for(cast.kehl).get(path).status_code == 404
    assert client_for(cast.kehl).post(path, {"state": "adopted", "version": 0}).status_code == 404


def test_the_button_is_for_officers_and_each_sees_their_own(cast: Cast, decision: Decision) -> None:
    region = f"decision-adoptions-{decision.pk}"
    audiences = {who: audience_of(region, getattr(cast, who)) for who in ("kehl", "mayor", "coordinator", "guest")}
    assert audiences == {"kehl": "officer", "mayor": "reader", "coordinator": "reader", "guest": None}
    assert f'data-for-town="{KEHL}" hidden' in table(decision, "officer")
    assert "data-for-town" not in table(decision)


def test_the_same_twice_is_once_and_a_later_word_replaces_it(cast: Cast, decision: Decision) -> None:
    day = timezone.localdate() + timedelta(days=90)
    line = say(cast, decision, "planned", on=day)
    say(cast, decision, "planned", on=day)
    assert Change.objects.filter(verb="decision_to_be_adopted").count() == 1
    assert say(cast, decision, "adopted", version=line.version).version == 2
    assert Adoption.objects.get().state == "adopted"


def test_two_of_a_town_and_the_second_sees_both(cast: Cast, decision: Decision, client_for: Browser) -> None:
    colleague = make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    say(cast, decision, "declined", word="Zu teuer.")
    with pytest.raises(Stale):
        say(cast, decision, by=colleague)
    data = {"state": "adopted", "word": "Doch.", "version": 0}
    path = url("adoption", decision.reference, KEHL)
    answer = client_for(colleague).post(path, data, headers=HTMX)
    assert answer.status_code == 409
    assert "Zu teuer." in answer.text and "Doch." in answer.text and str(cast.kehl) in answer.text
    assert client_for(colleague).post(path, {**data, "version": 1}, headers=HTMX).status_code == 204


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"state": ""}, "required"),
        ({"state": "perhaps"}, "valid choice"),
        ({"state": "planned"}, "Enter the day by which"),
        ({"state": "planned", "on": "2001-01-01"}, "This day is over"),
        ({"state": "adopted", "on": "2999-01-01"}, "still to come"),
        ({"on": "someday"}, "valid date"),
        ({"state": "declined"}, "Say in a word why"),
        ({"state": "declined", "word": "   "}, "Say in a word why"),
        ({"word": "x" * 501}, "500"),
        ({"paper": "x" * 81}, "80"),
        ({"paper_link": "javascript:alert(1)"}, "not a web address"),
        ({"paper_link": "https://" + "x" * 600 + ".de"}, "500"),
        ({"version": ""}, "required"),
        ({"version": "x"}, "whole number"),
    ],
)
def test_input_that_cannot_be(
    cast: Cast, decision: Decision, client_for: Browser, more: dict[str, str], what: str
) -> None:
    data = {"state": "adopted", "version": 0, **more}
    answer = client_for(cast.kehl).post(url("adoption", decision.reference, KEHL), data, headers=HTMX)
    assert answer.status_code == 422 and what in answer.text
    assert not Adoption.objects.exists()


def test_where_it_ended_the_lines_stay(cast: Cast, decision: Decision, client_for: Browser) -> None:
    say(cast, decision, "declined", word="Zu teuer.")
    Decision.objects.filter(pk=decision.pk).update(state="revoked")
    with pytest.raises(Refused, match="stays as it is"):
        say(cast, decision, version=1)
    assert "Zu teuer." in table(decision) and "data-for-town" not in table(decision, "officer")


def test_what_was_rejected_has_no_table(cast: Cast, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(state="rejected", carried=False)
    assert "<table" not in table(decision)


def test_a_promise_that_is_over_is_overdue(cast: Cast, decision: Decision) -> None:
    say(cast, decision, "planned", on=timezone.localdate())
    assert "overdue" not in as_text(table(decision)).lower()
    Adoption.objects.update(on=timezone.localdate() - timedelta(days=1))
    assert "1 overdue" in as_text(table(decision))


def test_a_town_that_left_stays_with_what_it_said(cast: Cast, decision: Decision) -> None:
    say(cast, decision)
    Accession.objects.filter(network=cast.network, municipality=KEHL).update(left_on=timezone.localdate())
    text = as_text(table(decision))
    assert "0 of 3 municipalities" in text and "Kehl (left)" in text
    with pytest.raises(Refused, match="no member"):
        say(cast, decision, "planned", on=date(2999, 1, 1), version=1)


def test_of_what_is_for_the_group_only_the_groups_towns_are_asked(cast: Cast, decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(visibility="group")
    assert audience_of(f"decision-adoptions-{decision.pk}", cast.mayor) is None
    assert audience_of(f"decision-adoptions-{decision.pk}", cast.kehl) == "officer"


def test_many_towns_take_the_same_queries_and_pages(cast: Cast, decision: Decision, client_for: Browser) -> None:
    with CaptureQueriesContext(connection) as few:
        table(decision)
    towns = [make_town(f"Town{number:03d}", f"0999{number:04d}") for number in range(120)]
    Accession.objects.bulk_create(
        Accession(network=cast.network, municipality=town, joined_on=date(2021, 9, 30)) for town in towns
    )
    now_ = timezone.now()
    Adoption.objects.bulk_create(
        Adoption(decision=decision, municipality=town, state="adopted", said_by=cast.kehl, said_at=now_)
        for town in towns
    )
    with CaptureQueriesContext(connection) as many:
        html = table(decision)
    assert len(many) == len(few)
    assert "120 of 124 municipalities" in as_text(html) and html.count("<tr id") == 100
    assert html.count("adoptions__tick ") == 100
    second = client_for(cast.mayor).get(url("decision", decision.reference) + "?page=2").text
    assert second.count(f'<tr id="decision-adoptions-{decision.pk}~page=2-') == 20
    assert "No word yet" in second and "Durbach" in second
    assert audience_of(f"decision-adoptions-{decision.pk}~page=1", cast.mayor) is None, "one spelling of each page"
    assert Municipality.objects.filter(pk=ACHERN).exists()
