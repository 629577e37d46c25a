"""Guests of single items: they see these items, when and where the meeting is, and nothing of anything else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import NoReverseMatch, reverse
from django.utils.html import strip_tags

from collab.live.answers import Refused
from collab.live.catch_up import news
from collab.live.models import Change
from collab.live.regions import audience_of, region_names, render, tells
from collab.live.verbs import known
from collab.network.models import Membership
from meetings.domain.agenda import edit_item, propose_item
from meetings.domain.closing import close_meeting
from meetings.domain.correction import void_decision
from meetings.domain.decision import record_decision
from meetings.domain.files import attach_file
from meetings.domain.presence import answer_invitation
from meetings.domain.recording import record_action
from meetings.domain.room import activate_item, next_item, open_meeting, save_notes
from meetings.domain.schedule import invite_guest, uninvite_guest
from meetings.domain.wording import draft_wording
from meetings.fragments import guests
from meetings.models import AgendaItem, Attachment, Decision, DecisionStep, Meeting, MeetingGuest
from tests.conftest import Cast, make_meeting, make_member
from tests.meetings.test_agenda import propose, url
from tests.permissions.urls import OF_A_NETWORK

HTMX = {"hx-request": "true"}
# What stands in the other items; none of it may reach the guest of "Breitband".
SECRET = "Geheimnis"


@pytest.fixture
def items(cast: Cast, meeting: Meeting) -> dict[str, AgendaItem]:
    """A meeting with an item for the guest, and others with everything in them."""
    Meeting.objects.filter(pk=meeting.pk).update(video_link="https://meet.example/room")
    titles = (f"{SECRET} Personal", "Breitband", f"{SECRET} Haushalt")
    made = {title: propose(cast.coordinator, meeting, title=title, text=f"{title}: Text") for title in titles}
    propose(cast.kehl, meeting, title=f"{SECRET} Vorschlag")
    return made


@pytest.fixture
def breitband(cast: Cast, meeting: Meeting, items: dict[str, AgendaItem]) -> AgendaItem:
    invite_guest(meeting=meeting, guest=cast.guest, item=items["Breitband"], by=cast.coordinator)
    return items["Breitband"]


@pytest.fixture
def running(cast: Cast, meeting: Meeting, breitband: AgendaItem, items: dict[str, AgendaItem]) -> Meeting:
    """The meeting in session, something recorded on every item; the one before the guest's is active."""
    other = make_member(cast.network, "guest", None, "geheim@gast.example", organisation=f"{SECRET} AG")
    invite_guest(meeting=meeting, guest=other, item=items[f"{SECRET} Haushalt"], by=cast.coordinator)
    meeting = open_meeting(meeting=meeting, by=cast.coordinator)
    for title, item in items.items():
        save_notes(item=item, notes=f"{title}: Notiz", version=1, by=cast.coordinator)
        record_decision(item=item, wording=f"{title}: Beschluss", mode="unanimous", by=cast.coordinator)
        draft_wording(item=item, text=f"{title}: Entwurf", by=cast.coordinator)
        task(cast, item, f"{title}: Aufgabe", cast.kehl)
        upload = SimpleUploadedFile(f"{title}.txt", title.encode())
        attach_file(item=item, upload=upload, by=cast.coordinator)
    return Meeting.objects.get(pk=meeting.pk)


def task(cast: Cast, item: AgendaItem, title: str, person: Membership) -> None:
    record_action(
        item=item,
        title=title,
        municipality=person.municipality,
        person=person,
        due_on=None,
        note="",
        by=cast.coordinator,
    )


# Inviting


def test_the_chair_invites_to_one_item(cast: Cast, meeting: Meeting, items: dict[str, AgendaItem], client_for) -> None:
    chair, path = client_for(cast.coordinator), url("meeting_guests", meeting.pk)
    page = chair.get(path).text
    assert "the whole meeting" in page and "Breitband" in page and f"{SECRET} Vorschlag" in page
    item = items["Breitband"]
    for _again in range(2):
        assert chair.post(path, {"guest": cast.guest.pk, "item": item.pk}, headers=HTMX).status_code == 204
    change = Change.objects.get(verb="guest_invited_item")
    assert change.access == [cast.guest.person_id]
    assert set(change.regions) >= {f"guest-meetings-{cast.guest.pk}", f"meeting-head-{meeting.pk}"}
    assert "Breitband" in strip_tags(chair.get(path).text)
    second = items[f"{SECRET} Haushalt"]
    assert chair.post(path, {"guest": cast.guest.pk, "item": second.pk}, headers=HTMX).status_code == 204
    assert MeetingGuest.objects.count() == 2, "a guest may have several items"


def test_from_one_item_to_the_whole_meeting(cast: Cast, meeting: Meeting, breitband: AgendaItem, client_for) -> None:
    chair, path = client_for(cast.coordinator), url("meeting_guests", meeting.pk)
    assert chair.post(path, {"guest": cast.guest.pk, "item": ""}, headers=HTMX).status_code == 204
    assert [row.item for row in MeetingGuest.objects.all()] == [None]
    assert SECRET in client_for(cast.guest).get(url("meeting", meeting.pk)).text
    invite_guest(meeting=meeting, guest=cast.guest, item=breitband, by=cast.coordinator)
    assert [row.item for row in MeetingGuest.objects.all()] == [None], "who sees everything sees the item"
    chair.post(url("meeting_guest_remove", meeting.pk, cast.guest.pk), headers=HTMX)
    assert client_for(cast.guest).get(url("meeting", meeting.pk)).status_code == 404


def test_an_invitation_to_an_item_is_taken_back(
    cast: Cast, meeting: Meeting, breitband: AgendaItem, items: dict[str, AgendaItem], client_for
) -> None:
    other = items[f"{SECRET} Haushalt"]
    invite_guest(meeting=meeting, guest=cast.guest, item=other, by=cast.coordinator)
    chair, guest = client_for(cast.coordinator), client_for(cast.guest)
    path = url("meeting_guest_remove", meeting.pk, cast.guest.pk)
    for _again in range(2):
        assert chair.post(path, {"item": breitband.pk}, headers=HTMX).status_code == 204
    assert Change.objects.get(verb="guest_uninvited_item").access == [cast.guest.person_id]
    assert guest.get(url("item", breitband.pk)).status_code == 404
    assert guest.get(url("item", other.pk)).status_code == 200
    uninvite_guest(meeting=meeting, guest=cast.guest, by=cast.coordinator)
    assert guest.get(url("meeting", meeting.pk)).status_code == 404
    assert not MeetingGuest.objects.exists()


def test_only_to_items_of_this_meeting(cast: Cast, meeting: Meeting, items: dict[str, AgendaItem], client_for) -> None:
    elsewhere = AgendaItem.objects.create(meeting=another(cast), title="Anderswo", state="planned")
    declined = items["Breitband"]
    AgendaItem.objects.filter(pk=declined.pk).update(state="declined")
    path = url("meeting_guests", meeting.pk)
    for wrong in (elsewhere.pk, declined.pk, 987654321, "x"):
        answer = client_for(cast.coordinator).post(path, {"guest": cast.guest.pk, "item": wrong}, headers=HTMX)
        assert answer.status_code == 422, wrong
    for item in (elsewhere, declined):
        with pytest.raises(Refused, match="not on the agenda"):
            invite_guest(meeting=meeting, guest=cast.guest, item=item, by=cast.coordinator)
    remove = url("meeting_guest_remove", meeting.pk, cast.guest.pk)
    invite_guest(meeting=meeting, guest=cast.guest, by=cast.coordinator)
    assert client_for(cast.coordinator).post(remove, {"item": elsewhere.pk}).status_code == 404


def another(cast: Cast) -> Meeting:
    first = Meeting.objects.get()
    return Meeting.objects.create(
        network=cast.network, group=cast.group, title="Zweite", date=first.date, start_time="14:00", minutes=60
    )


@pytest.mark.parametrize("name", ["kehl", "mayor", "guide", "guest", "other"])
def test_only_the_chair_invites(cast: Cast, meeting: Meeting, items: dict[str, AgendaItem], name: str) -> None:
    with pytest.raises(PermissionDenied):
        invite_guest(meeting=meeting, guest=cast.guest, item=items["Breitband"], by=getattr(cast, name))
    with pytest.raises(PermissionDenied):
        invite_guest(meeting=meeting, guest=cast.kehl, item=items["Breitband"], by=cast.coordinator)
    assert not MeetingGuest.objects.exists()


# What the guest of an item sees


def test_the_page_of_the_meeting(cast: Cast, running: Meeting, breitband: AgendaItem, client_for) -> None:
    page = client_for(cast.guest).get(url("meeting", running.pk)).text
    for seen in ("Breitband", "Breitband: Text", "Breitband: Beschluss", "Breitband: Entwurf", "meet.example"):
        assert seen in page, seen
    assert "You are invited to one item" in page and f'id="item-{breitband.pk}"' in page
    assert SECRET not in page
    assert "WRO" not in strip_tags(page.split("<main")[1]), "the guests of the meeting are not listed"
    for absent in ("meeting-agenda-", "meeting-log-", "meeting-people-", "meeting-speakers-", "meeting-wall-"):
        assert f'id="{absent}' not in page
    for absent in ("meeting_open", "meeting_next", "meeting_people", "meeting_guests", "item_add"):
        assert url(absent, running.pk) not in page


def test_the_item_says_when_it_is_on(cast: Cast, running: Meeting, breitband: AgendaItem, client_for) -> None:
    guest = client_for(cast.guest)
    home = f"guest-meetings-{cast.guest.pk}"
    assert "Active now" not in guest.get(url("meeting", running.pk)).text
    assert "Active now" not in render(home, "me", "en")
    activate_item(item=breitband, expected=running.active_item_id, by=cast.coordinator)
    assert "Active now" in guest.get(url("meeting", running.pk)).text
    assert "Active now" in render(home, "me", "en")
    change = Change.objects.order_by("-version")[0]
    assert {home, f"item-{breitband.pk}"} <= set(change.regions)


def test_home_lists_the_meeting_with_the_own_items(cast: Cast, running: Meeting, breitband, items, client_for) -> None:
    guest = client_for(cast.guest)
    for path in (url("home"), url("meeting_list")):
        page = guest.get(path).text
        assert "Breitband" in page and url("item", breitband.pk) in page and running.title in page
        assert SECRET not in page
        assert page.count(f'id="guest-meetings-{cast.guest.pk}-{running.pk}"') == 1
    invite_guest(meeting=running, guest=cast.guest, item=items[f"{SECRET} Haushalt"], by=cast.coordinator)
    page = guest.get(url("home")).text
    assert page.count(f'id="guest-meetings-{cast.guest.pk}-{running.pk}"') == 1 and f"{SECRET} Haushalt" in page
    edit_item(item=breitband, version=1, title="Glasfaser", by=cast.coordinator)
    assert f"guest-meetings-{cast.guest.pk}" in Change.objects.get(verb="item_edited").regions


def get_paths(running: Meeting, item: AgendaItem) -> list[str]:
    """Every address that shows something of an item."""
    found = [url(name, item.pk) for name in ("item", "item_edit", "item_notes", "decision_add", "item_action_add")]
    found += [url(name, item.pk) for name in ("item_wording", "item_attach", "item_decline")]
    found.append(url("item_notes_version", item.pk, 2))
    found += [url("file", file.pk) for file in Attachment.objects.filter(item=item)]
    for decision in Decision.objects.filter(item=item):
        found.append(url("decision", decision.reference))
        found.append(f"/api{url('decision', decision.reference)}")
        found += [url(name, decision.reference) for name in ("decision_correct", "decision_void")]
    found += [url("action_item", row.action_item_id) for row in item.recorded_actions.all()]
    return found


def test_of_other_items_there_is_nothing_at_any_address(
    cast: Cast, running: Meeting, breitband: AgendaItem, client_for
) -> None:
    guest = client_for(cast.guest)
    for item in AgendaItem.objects.filter(meeting=running).exclude(pk=breitband.pk):
        for path in get_paths(running, item):
            answer = guest.get(path)
            assert answer.status_code == 404, path
            assert SECRET not in answer.content.decode(), path
            assert guest.post(path, {}, headers=HTMX).status_code in (404, 405), path
    own = [url("item", breitband.pk), url("file", Attachment.objects.get(item=breitband).pk)]
    own.append(url("decision", Decision.objects.get(item=breitband).reference))
    for path in own:
        answer = guest.get(path)
        assert answer.status_code == 200, path
        if not answer.streaming:
            assert SECRET not in answer.text, path


def test_no_address_of_the_network_tells_of_other_items(cast: Cast, running: Meeting, breitband, client_for) -> None:
    """All pages without an argument, and those of the meeting: nothing of the rest anywhere."""
    guest, asked = client_for(cast.guest), 0
    for name in OF_A_NETWORK:
        for args in ([], [running.pk], [breitband.pk]):
            try:
                path = reverse(name, args=["ortenau", *args])
            except NoReverseMatch:  # another number of arguments
                continue
            answer = guest.get(path, {"v": "-1"})
            asked += 1
            if not answer.streaming:
                assert SECRET not in answer.content.decode(), path
    assert asked > 60


def test_the_rest_interface(cast: Cast, running: Meeting, breitband: AgendaItem, items, client_for) -> None:
    guest = client_for(cast.guest)
    invite_guest(meeting=running, guest=cast.guest, item=items[f"{SECRET} Haushalt"], by=cast.coordinator)
    assert [one["id"] for one in guest.get("/api/n/ortenau/meetings/").json()["results"]] == [running.pk]
    uninvite_guest(meeting=running, guest=cast.guest, item=items[f"{SECRET} Haushalt"], by=cast.coordinator)
    told = guest.get(f"/api{url('meeting', running.pk)}").json()
    assert [item["title"] for item in told["agenda"]] == ["Breitband"]
    decided = guest.get("/api/n/ortenau/decisions/").json()["results"]
    assert [one["wording"] for one in decided] == ["Breitband: Beschluss"]
    for path in ("meetings/", "decisions/", "action-items/", f"meetings/{running.pk}/"):
        assert SECRET not in guest.get(f"/api/n/ortenau/{path}").content.decode()


def test_sub_items_are_items_of_their_own(cast: Cast, meeting: Meeting, breitband: AgendaItem, client_for) -> None:
    child = propose(cast.coordinator, meeting, title=f"{SECRET} Unterpunkt")
    AgendaItem.objects.filter(pk=child.pk).update(parent=breitband)
    guest = client_for(cast.guest)
    assert guest.get(url("item", child.pk)).status_code == 404
    assert SECRET not in guest.get(f"/api{url('meeting', meeting.pk)}").content.decode()
    MeetingGuest.objects.all().delete()
    invite_guest(meeting=meeting, guest=cast.guest, item=child, by=cast.coordinator)
    told = guest.get(f"/api{url('meeting', meeting.pk)}").json()["agenda"]
    assert [item["title"] for item in told] == [child.title]
    assert "Breitband" not in guest.get(url("meeting", meeting.pk)).text


def test_an_own_action_item_on_another_item(cast: Cast, running: Meeting, items, client_for) -> None:
    task(cast, items[f"{SECRET} Haushalt"], "Unterlagen schicken", cast.guest)
    guest = client_for(cast.guest)
    action = cast.guest.action_items.get()
    page = guest.get(url("action_item", action.pk)).text
    assert "Unterlagen schicken" in page and SECRET not in page
    assert SECRET not in guest.get(url("home")).text


def test_where_an_item_came_from_is_not_told(cast: Cast, running: Meeting, breitband: AgendaItem, client_for) -> None:
    earlier = AgendaItem.objects.create(meeting=another(cast), title=f"{SECRET} Vorgänger", state="carried")
    AgendaItem.objects.filter(pk=breitband.pk).update(carried_from=earlier)
    page = client_for(cast.guest).get(url("item", breitband.pk)).text
    assert SECRET not in page and url("item", earlier.pk) not in page and "History" not in page


# Live


def regions_of_everything(running: Meeting, cast: Cast) -> list[str]:
    keys = {*AgendaItem.objects.values_list("pk", flat=True), running.pk, cast.network.pk, cast.group.pk}
    keys |= {cast.guest.pk, *Decision.objects.values_list("pk", flat=True)}
    return [f"{name}-{key}" for name in region_names() for key in keys]


def test_regions(cast: Cast, running: Meeting, breitband: AgendaItem, items, client_for) -> None:
    assert audience_of(f"meeting-head-{running.pk}", cast.guest) == "item_guest"
    assert audience_of(f"item-{breitband.pk}", cast.guest) == "guest"
    for title, item in items.items():
        if item != breitband:
            assert audience_of(f"item-{item.pk}", cast.guest) is None, title
    seen = {one for one in regions_of_everything(running, cast) if audience_of(one, cast.guest)}
    decision = Decision.objects.get(item=breitband)
    own = {f"guest-meetings-{cast.guest.pk}", f"my-actions-{cast.guest.pk}"}
    assert seen == {f"meeting-head-{running.pk}", f"item-{breitband.pk}", f"decision-{decision.pk}", *own}


def test_neither_text_nor_news_tell_of_other_items(cast: Cast, running: Meeting, breitband, items, client_for) -> None:
    """A whole meeting goes by; the guest polls everything there is after each step."""
    guest, asked = client_for(cast.guest), regions_of_everything(running, cast)
    heard: list[str] = []

    def listen() -> None:
        for since in (-1, Change.objects.count() - 1):
            for some in range(0, len(asked), 40):
                query = {"v": since, "r": asked[some : some + 40]}
                told = guest.get(reverse("live_poll", args=["ortenau"]), query)
                assert SECRET not in told.content.decode()
                heard.append(told.content.decode())

    haushalt = items[f"{SECRET} Haushalt"]
    for step in (
        lambda: next_item(meeting=running, expected=now_at(running), by=cast.coordinator),
        lambda: next_item(meeting=running, expected=now_at(running), by=cast.coordinator),
        lambda: activate_item(item=breitband, expected=now_at(running), by=cast.coordinator),
        lambda: activate_item(item=haushalt, expected=breitband.pk, by=cast.coordinator),
        lambda: save_notes(item=haushalt, notes=f"{SECRET}!", version=2, by=cast.coordinator),
        lambda: record_decision(item=haushalt, wording=f"{SECRET}!", mode="unanimous", by=cast.coordinator),
        lambda: propose_item(meeting=running, title=f"{SECRET} neu", by=cast.kehl),
        lambda: record_decision(item=breitband, wording="Glasfaser.", mode="unanimous", by=cast.coordinator),
        lambda: invite_guest(meeting=running, guest=secret_guest(cast), by=cast.coordinator),
    ):
        step()
        listen()
    assert any("Now on the agenda" in text or "Breitband" in text for text in heard)


def now_at(running: Meeting) -> int | None:
    return Meeting.objects.values_list("active_item", flat=True).get(pk=running.pk)


def secret_guest(cast: Cast) -> Membership:
    return make_member(cast.network, "guest", None, "zwei@gast.example", organisation=f"{SECRET} GmbH")


def test_the_own_item_is_announced(cast: Cast, running: Meeting, breitband: AgendaItem, items) -> None:
    region = f"item-{breitband.pk}"
    activate_item(item=breitband, expected=running.active_item_id, by=cast.coordinator)
    started = Change.objects.order_by("-version")[0]
    assert "Breitband" in str(news([started], region, "en", "guest"))
    activate_item(item=items[f"{SECRET} Haushalt"], expected=breitband.pk, by=cast.coordinator)
    left = Change.objects.order_by("-version")[0]
    assert region in left.regions, "the page changes: the item is no longer on"
    assert news([left], region, "en", "guest") == []
    assert SECRET in str(news([left], region, "en", "member"))


def since(version: int) -> list[Change]:
    return list(Change.objects.filter(version__gt=version).order_by("version"))


@pytest.fixture
def carried(cast: Cast, running: Meeting, breitband: AgendaItem) -> AgendaItem:
    """The guest's item was not finished: its copy is on the agenda of another meeting, which is in session."""
    later = make_meeting(cast, title=f"{SECRET} Zweite Sitzung", date=running.date + timedelta(days=7))
    DecisionStep.objects.all().delete()
    Decision.objects.all().delete()  # an item with a decision counts as treated
    running.refresh_from_db()
    close_meeting(meeting=running, by=cast.coordinator, finish_active=False, choices={breitband.pk: "next"})
    open_meeting(meeting=later, by=cast.coordinator)
    return AgendaItem.objects.get(carried_from=breitband)


def test_of_later_appearances_the_guest_hears_nothing(cast: Cast, carried: AgendaItem, breitband: AgendaItem) -> None:
    AgendaItem.objects.filter(pk=carried.pk).update(title=f"{SECRET} Breitband")
    carried.refresh_from_db()
    before, region = Change.objects.count(), f"item-{breitband.pk}"
    decision = record_decision(item=carried, wording=SECRET, mode="unanimous", by=cast.coordinator)
    task(cast, carried, f"{SECRET} Aufgabe", cast.kehl)
    void_decision(decision=decision, reason=SECRET, version=1, by=cast.coordinator)
    close_meeting(meeting=carried.meeting, by=cast.coordinator)
    told = since(before)
    assert len([change for change in told if region in change.regions]) == 4, "its page shows where else it appears"
    assert news(told, region, "en", "guest") == []
    assert len(news(told, region, "en", "member")) >= 3


def test_of_the_own_item_the_guest_hears_what_was_recorded(
    cast: Cast, running: Meeting, breitband: AgendaItem, items
) -> None:
    before, region = Change.objects.count(), f"item-{breitband.pk}"
    decision = record_decision(item=breitband, wording="Ja.", mode="unanimous", by=cast.coordinator)
    task(cast, breitband, "Bagger bestellen", cast.kehl)
    void_decision(decision=decision, reason="Versehen", version=1, by=cast.coordinator)
    running.refresh_from_db()
    close_meeting(meeting=running, by=cast.coordinator)
    told = str(news(since(before), region, "en", "guest"))
    for words in ("recorded", "Bagger bestellen", "recorded by mistake", "The meeting is closed"):
        assert words in told
    # A change of an older version of this program does not say on which item: then nothing is told.
    recorded = Change.objects.filter(verb="decision_recorded").latest("version")
    del recorded.params["item_id"]
    assert news([recorded], region, "en", "guest") == []


def test_beside_a_decision_a_guest_hears_of_this_decision_alone(cast: Cast, running: Meeting, breitband) -> None:
    decision, before = Decision.objects.get(item=breitband), Change.objects.count()
    task(cast, breitband, f"{SECRET} Aufgabe", cast.kehl)
    void_decision(decision=decision, reason="Versehen", version=1, by=cast.coordinator)
    told = news(since(before), f"decision-{decision.pk}", "en", "guest")
    assert [entry["kind"] for entry in told] == ["{n} decisions corrected"]


# Guests of the whole meeting


def test_a_guest_of_the_meeting_does_not_hear_what_they_do_not_see(cast: Cast, running: Meeting, breitband) -> None:
    before = Change.objects.count()
    town = cast.achern.municipality
    answer = {"answer": "apologised", "note": "", "deputy": None, "deputy_name": "", "version": 0}
    answer_invitation(meeting=running, municipality=town, by=cast.achern, **answer)
    told = since(before)
    assert told
    for name in region_names():
        if name.startswith("meeting-") and name != "meeting-list":
            audience = "wall_outside" if name == "meeting-wall" else "guest"
            assert "apologised" not in str(news(told, f"{name}-{running.pk}", "en", audience)), name
    decision = record_decision(item=breitband, wording="Ja.", mode="unanimous", by=cast.coordinator)
    assert decision.reference in str(news(since(before), f"meeting-log-{running.pk}", "en", "guest"))


def test_every_region_of_the_room_says_what_guests_may_hear() -> None:
    rooms = [name for name in region_names() if name.startswith("meeting-") and name != "meeting-list"]
    change = Change(verb="never_heard_of", object_type="series", object_id=1)
    for name in rooms:
        assert not tells(f"{name}-1", "wall_outside" if name == "meeting-wall" else "guest", change), name
    named = guests.OF_MEETING | guests.OF_ITEM | guests.RECORDED_ON_ITEM | guests.IN_ROOM
    assert named <= known(), named - known()


def test_that_another_meeting_was_closed_is_not_said_in_this_one(cast: Cast, running: Meeting, breitband) -> None:
    later = make_meeting(cast, title="Zweite Sitzung", date=running.date + timedelta(days=7))
    propose(cast.coordinator, running, title="Bleibt liegen")
    before = Change.objects.count()
    close_meeting(meeting=running, by=cast.coordinator, finish_active=False)
    told, agenda = since(before), f"meeting-agenda-{later.pk}"
    assert agenda in told[-1].regions
    assert news(told, agenda, "en", "member") == []
    assert "The meeting is closed" in str(news(told, f"meeting-agenda-{running.pk}", "en", "member"))


# Reading along


def test_mayors_read_everything_and_control_nothing(cast: Cast, running: Meeting, breitband, client_for) -> None:
    page = client_for(cast.mayor).get(url("meeting", running.pk)).text
    for title in ("Personal", "Breitband", "Haushalt"):
        assert title in page
    main = page.split("<main")[1].split("</main")[0]
    assert "hx-post" not in main and "data-dialog" not in main, "a reader has no controls"
    for name in ("decision_add", "item_wording", "item_action_add", "item_notes"):
        assert client_for(cast.mayor).post(url(name, breitband.pk), {}, headers=HTMX).status_code == 403
