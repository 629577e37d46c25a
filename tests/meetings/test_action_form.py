"""An action item in the meeting: who by the first letters, until when in words."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from collab.network.models import Accession
from meetings.models import AgendaItem, Meeting
from meetings.queries.assignees import assignees_of, matching
from tests.conftest import Cast, make_meeting, make_member
from tests.meetings.test_agenda import url
from tests.meetings.test_decisions import open_item
from workgroups.models import ActionItem

HTMX = {"hx-request": "true"}


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    return open_item(cast, meeting)


@pytest.fixture
def send(cast: Cast, item: AgendaItem, client_for):
    client = client_for(cast.coordinator)

    def post(**data: object):
        values = {"title": "Angebot einholen", "who": "Kehl", "due": "none", **data}
        given = {name: value for name, value in values.items() if value is not None}
        return client.post(url("item_action_add", item.pk), given, headers=HTMX)

    return post


# Who


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Kehl", "Kehl"),
        ("kehl", "Kehl"),
        ("  KEHL ", "Kehl"),
        ("ach", "Achern"),
        ("Digitalisation officer Kehl – Kehl", "Digitalisation officer Kehl – Kehl"),
        ("digitalisation officer kehl", "Digitalisation officer Kehl – Kehl"),
        ("Digitalisation officer A", "Digitalisation officer Achern – Achern"),
        ("mayor", "Mayor Kehl – Kehl"),
        ("coord", "Coordinator"),
        ("officer dur", "Digitalisation officer Durbach – Durbach"),
    ],
)
def test_who_is_meant(cast: Cast, typed: str, label: str) -> None:
    assert [one.label for one in matching(typed, assignees_of(cast.network))] == [label]


def test_a_towns_own_name_is_the_town_and_not_its_people(cast: Cast) -> None:
    make_member(cast.network, "officer", cast.town("lahr"), "kehl@lahr.example")
    person = make_member(cast.network, "guide", cast.town("achern"), "k@achern.example").person
    person.name = "Kehl"
    person.save()
    found = matching("kehl", assignees_of(cast.network))
    assert found[0].person is None, "the town's name is the town"


def test_people_of_the_same_name_can_be_told_apart(cast: Cast) -> None:
    make_member(cast.network, "officer", cast.town("kehl"), "second@kehl.example")
    people = assignees_of(cast.network)
    labels = [one.label for one in people]
    assert len(labels) == len(set(labels))
    for one in people:
        assert matching(one.label, people) == [one]


def test_several_are_named_at_most_five(cast: Cast, send) -> None:
    answer = send(who="Digitalisation")
    text = strip_tags(answer.text)
    assert answer.status_code == 422
    assert "can be several" in text and "Digitalisation officer Kehl – Kehl" in text
    for number in range(9):
        make_member(cast.network, "guide", cast.town("lahr"), f"guide{number}@lahr.example")
    summary = strip_tags(send(who="Digital").text).split("Type more letters")[0]
    assert summary.count("; ") == 4
    assert not ActionItem.objects.exists()


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("Rastatt", "is no municipality"),
        ("", "required"),
        ("   ", "required"),
        ("x" * 201, "200"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_who_is_not_there(cast: Cast, send, typed: str, what: str) -> None:
    answer = send(who=typed)
    assert answer.status_code == 422 and what in answer.text
    assert not ActionItem.objects.exists()


def test_a_town_that_left_is_not_offered(cast: Cast, item: AgendaItem, send, client_for) -> None:
    page = client_for(cast.coordinator).get(url("item_action_add", item.pk)).text
    assert '<option value="Lahr">' in page and '<option value="Digitalisation officer Kehl – Kehl">' in page
    Accession.objects.filter(municipality=cast.town("lahr")).update(left_on=date(2022, 1, 1))
    assert '<option value="Lahr">' not in client_for(cast.coordinator).get(url("item_action_add", item.pk)).text
    assert send(who="Lahr").status_code == 422


def test_a_person_and_their_town_are_responsible(cast: Cast, send) -> None:
    assert send(who="mayor").status_code == 204
    action = ActionItem.objects.get()
    assert (action.person, action.municipality) == (cast.mayor, cast.town("kehl"))
    assert send(who="achern").status_code == 204
    action = ActionItem.objects.latest("pk")
    assert (action.person, action.municipality) == (None, cast.town("achern"))


# Until when


def due_of(answer) -> date | None:
    assert answer.status_code == 204, strip_tags(answer.text)
    return ActionItem.objects.get().due_on


def test_next_meeting_is_proposed(cast: Cast, item: AgendaItem, send, client_for) -> None:
    page = client_for(cast.coordinator).get(url("item_action_add", item.pk)).text
    assert "next meeting" not in page and '<option value="four_weeks" selected>' in page
    assert send(due="next").status_code == 422, "there is none"
    following = make_meeting(cast, date=item.meeting.date + timedelta(days=28))
    page = client_for(cast.coordinator).get(url("item_action_add", item.pk)).text
    assert '<option value="next" selected>next meeting (' in page
    assert due_of(send(due="next")) == following.date


@pytest.mark.parametrize(("due", "days"), [("two_weeks", 14), ("four_weeks", 28), ("none", None)])
def test_in_words(cast: Cast, send, due: str, days: int | None) -> None:
    expected = timezone.localdate() + timedelta(days=days) if days else None
    # What stands in the date field counts only for "on a date".
    assert due_of(send(due=due, due_on="2019-01-01")) == expected


def test_end_of_the_year(cast: Cast, send) -> None:
    assert due_of(send(due="year_end")) == timezone.localdate().replace(month=12, day=31)


def test_on_a_date(cast: Cast, send) -> None:
    today = timezone.localdate()
    for day, what in (("", "Enter the date"), ("soon", "valid date"), (str(today - timedelta(days=1)), "day is over")):
        answer = send(due="date", due_on=day)
        assert answer.status_code == 422 and what in answer.text, day
    assert due_of(send(due="date", due_on=str(today))) == today


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"title": ""}, "required"),
        ({"title": "x" * 301}, "300"),
        ({"due": "whenever"}, "valid choice"),
        ({"due": None}, "required"),
        ({"note": "x" * 5001}, "5000"),
        ({"request_id": "x"}, "UUID"),
    ],
)
def test_input_that_cannot_be(cast: Cast, send, data: dict[str, object], what: str) -> None:
    answer = send(**data)
    assert answer.status_code == 422 and what in answer.text
    assert not ActionItem.objects.exists()


def test_sent_twice_it_is_one(cast: Cast, send) -> None:
    request_id = str(uuid4())
    assert [send(request_id=request_id).status_code for _twice in range(2)] == [204, 204]
    assert ActionItem.objects.count() == 1


def test_the_form_takes_the_same_number_of_queries_for_many_people(
    cast: Cast, item: AgendaItem, django_assert_max_num_queries
) -> None:
    for number in range(60):
        make_member(cast.network, "guide", cast.town("lahr"), f"guide{number}@lahr.example")
    with django_assert_max_num_queries(2):
        assert len(assignees_of(cast.network)) > 60
