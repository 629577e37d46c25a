"""What action items belong to, when they come up again, and the work on a project."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from collab.live.answers import Refused, Stale
from collab.live.regions import audience_of, render
from collab.live.verbs import sentence
from meetings.models import AgendaItem, Meeting, RecordedAction
from tests.conftest import Cast, make_meeting, make_project
from workgroups.domain.action_item import change_follow_up, change_state, edit_action_item
from workgroups.models import ActionItem, Group, GroupMembership
from workgroups.queries.action_item import ActionFilter

from .conftest import born_in, days, make_action
from .test_action_hand_over import newest
from .test_action_pages import HTMX, LOG, queries_of, titles


def edit(action: ActionItem, by, version: int | None = None, **more) -> ActionItem:
    names = ("title", "municipality", "person", "note", "project", "group")
    values = {name: getattr(action, name) for name in names}
    return edit_action_item(action=action, by=by, version=version or action.version, **{**values, **more})


@pytest.fixture
def working_group(cast: Cast) -> Group:
    """A working group: Durbach chairs it, Achern belongs to it."""
    group = Group.objects.create(network=cast.network, kind=Group.Kind.WORKING_GROUP, name="E-Akte")
    GroupMembership.objects.create(group=group, membership=cast.durbach, role="chair")
    GroupMembership.objects.create(group=group, membership=cast.achern)
    return group


# Follow-up


def test_a_follow_up_is_set_and_removed(cast: Cast, action: ActionItem) -> None:
    action = change_follow_up(action=action, follow_up_on=date(2026, 12, 1), version=1, by=cast.kehl)
    assert action.follow_up_on == date(2026, 12, 1)
    assert sentence(newest(cast)).endswith("“Introduce the e-file” comes up again on 1 Dec 2026")
    again = change_follow_up(action=action, follow_up_on=date(2026, 12, 1), version=1, by=cast.kehl)
    assert again.version == 2, "the same form sent twice"
    action = change_follow_up(action=action, follow_up_on=None, version=2, by=cast.kehl)
    assert action.follow_up_on is None
    with pytest.raises(Stale):
        change_follow_up(action=action, follow_up_on=date(2026, 12, 24), version=1, by=cast.coordinator)


@pytest.mark.parametrize("name", ["achern", "mayor", "guest", "other"])
def test_who_sets_no_follow_up(cast: Cast, action: ActionItem, name: str) -> None:
    with pytest.raises(PermissionDenied):
        change_follow_up(action=action, follow_up_on=days(3), version=1, by=getattr(cast, name))


def test_what_is_finished_comes_up_no_more(cast: Cast, action: ActionItem) -> None:
    change_state(action=action, state="done", note="", version=1, by=cast.kehl)
    with pytest.raises(Refused, match="Reopen it first"):
        change_follow_up(action=action, follow_up_on=days(3), version=2, by=cast.kehl)


@pytest.mark.parametrize("day", ["2020-01-01", "31.02.2026", "x"])
def test_a_day_that_is_over_or_none_is_refused(cast: Cast, action: ActionItem, client_for, day: str) -> None:
    values = {"follow_up_on": day, "version": 1}
    answer = client_for(cast.kehl).post(f"{LOG}{action.pk}/follow-up/", values, headers=HTMX)
    assert answer.status_code == 422
    action.refresh_from_db()
    assert action.follow_up_on is None


def test_what_comes_up_again_is_a_tab_and_is_said_in_words(cast: Cast, client_for) -> None:
    make_action(cast, title="Today", follow_up_on=days(0))
    make_action(cast, title="Later", follow_up_on=days(1))
    client = client_for(cast.achern)
    assert titles(client, "state=follow_up") == ["Today"]
    assert "Follow-up due" in client.get(f"{LOG}?state=follow_up").content.decode()


def test_at_home_what_is_urgent_comes_first(cast: Cast) -> None:
    for title, due, again in (("C", 3, None), ("B", 30, 0), ("A", -1, None), ("D", None, 9)):
        make_action(
            cast,
            title=f"Task {title}",
            person=cast.kehl,
            due_on=days(due) if due is not None else None,
            follow_up_on=days(again) if again is not None else None,
        )
    shown = render(f"my-actions-{cast.kehl.pk}", "me", "en")
    assert [shown.index(f"Task {title}") for title in "ABCD"] == sorted(shown.index(f"Task {t}") for t in "ABCD")


# Project and group


def test_an_action_item_of_a_project_and_a_group(cast: Cast, working_group: Group, client_for) -> None:
    project = make_project(cast.achern)
    values = {
        "title": "Compare suppliers",
        "municipality": "08317001",
        "project": project.pk,
        "group": working_group.pk,
        "follow_up_on": days(7).isoformat(),
    }
    assert client_for(cast.achern).post(f"{LOG}add/", values, headers=HTMX).status_code == 204
    action = ActionItem.objects.get()
    assert (action.project, action.group, action.follow_up_on) == (project, working_group, days(7))
    client = client_for(cast.mayor)
    make_action(cast, title="Something else")
    assert titles(client, f"project={project.pk}") == ["Compare suppliers"]
    assert titles(client, f"group={working_group.pk}") == ["Compare suppliers"]
    assert titles(client, "project=999999") == []


def test_the_form_opened_on_a_project_has_it_chosen(cast: Cast, client_for) -> None:
    project = make_project(cast.achern)
    form = client_for(cast.kehl).get(f"{LOG}add/?project={project.pk}&group=x").content.decode()
    assert f'<option value="{project.pk}" selected' in form


@pytest.mark.parametrize("field", ["project", "group"])
def test_what_is_not_of_this_network_cannot_be_chosen(cast: Cast, client_for, field: str) -> None:
    foreign = {
        "project": make_project(cast.other).pk,
        "group": Group.objects.get(network=cast.other_network).pk,
    }[field]
    values = {"title": "x", "municipality": "08317057", field: foreign}
    assert client_for(cast.kehl).post(f"{LOG}add/", values, headers=HTMX).status_code == 422
    assert not ActionItem.objects.exists()


def test_only_who_belongs_to_a_group_writes_down_something_for_it(cast: Cast, working_group: Group) -> None:
    with pytest.raises(PermissionDenied):
        make_action(cast, by=cast.kehl, group=working_group)
    assert make_action(cast, by=cast.durbach, municipality=cast.town("durbach"), group=working_group).group


def test_a_closed_group_takes_nothing_new(cast: Cast, working_group: Group) -> None:
    Group.objects.update(state="closed")
    with pytest.raises(Refused, match="“E-Akte” is closed"):
        make_action(cast, by=cast.durbach, municipality=cast.town("durbach"), group=working_group)


def test_what_was_agreed_in_a_meeting_stays_with_its_group(
    cast: Cast, meeting: Meeting, working_group: Group, client_for
) -> None:
    action = make_action(cast, group=cast.group)
    born_in(meeting, action)
    with pytest.raises(Refused, match="stays with it"):
        edit(action, cast.coordinator, group=working_group)
    assert "agreed in a meeting of this group" in client_for(cast.kehl).get(f"{LOG}{action.pk}/edit/").content.decode()


def test_a_project_that_was_joined_to_another_takes_nothing_new(cast: Cast, action: ActionItem) -> None:
    joined = make_project(cast.kehl, joined_to=make_project(cast.kehl, "E-file of all"))
    with pytest.raises(Refused, match="was joined to “E-file of all”"):
        edit(action, cast.kehl, project=joined)


def test_who_edits_keeps_project_and_group_they_do_not_see(cast: Cast, working_group: Group, client_for) -> None:
    """Kehl does not belong to the group: it stays where it is when Kehl rewords."""
    action = make_action(cast, group=working_group, in_meeting=True, project=make_project(cast.kehl))
    client = client_for(cast.kehl)
    values = {"title": "Reworded", "municipality": "08317057", "note": "", "version": 1}
    values |= {"project": action.project_id, "group": action.group_id}
    assert client.post(f"{LOG}{action.pk}/edit/", values, headers=HTMX).status_code == 204
    action.refresh_from_db()
    assert (action.title, action.group) == ("Reworded", working_group)


# What an internal group has on its agenda


@pytest.fixture
def inside(cast: Cast, working_group: Group) -> ActionItem:
    """Agreed in a meeting of an internal group."""
    Group.objects.filter(pk=working_group.pk).update(is_internal=True)
    working_group.refresh_from_db()
    meeting = make_meeting(cast, title="Secret meeting")
    Meeting.objects.filter(pk=meeting.pk).update(group=working_group)
    action = make_action(cast, title="Agreed inside", group=working_group, project=make_project(cast.kehl))
    born_in(meeting, action)
    AgendaItem.objects.update(title="Secret item", project=action.project)
    return action


@pytest.mark.parametrize("path", ["", "board/", "{pk}/", "?state=all"])
def test_meetings_of_an_internal_group_do_not_show_through_its_results(
    cast: Cast, inside: ActionItem, client_for, path: str
) -> None:
    page = client_for(cast.kehl).get(LOG + path.format(pk=inside.pk)).content.decode()
    assert "Agreed inside" in page and "Secret" not in page


def test_nor_through_a_filter_the_project_or_the_interface(cast: Cast, inside: ActionItem, client_for) -> None:
    client, meeting = client_for(cast.kehl), Meeting.objects.get()
    assert titles(client, f"meeting={meeting.pk}") == []
    told = client.get(f"/api{LOG}{inside.pk}/").json()
    assert (told["meeting"], told["agenda_item"]) == (None, None)
    work = render(f"project-work-{inside.project_id}", "officer", "en")
    assert "Agreed inside" in work and "Secret" not in work


# The work on a project


def test_the_work_on_a_project(cast: Cast, meeting: Meeting, working_group: Group) -> None:
    project = make_project(cast.kehl, group=working_group)
    make_action(cast, title="Compare suppliers", project=project, person=cast.kehl, due_on=days(-1))
    item = AgendaItem.objects.create(meeting=meeting, title="How far is it?", state="planned", project=project)
    AgendaItem.objects.create(meeting=meeting, title="Only proposed", state="proposed", project=project)
    shown = render(f"project-work-{project.pk}", "officer", "en")
    assert "Compare suppliers" in shown and "Overdue" in shown and "E-Akte" in shown
    assert f"/agenda/{item.pk}/" in shown or "How far is it?" in shown
    assert "Only proposed" not in shown
    assert "New action item" in shown and "New action item" not in render(f"project-work-{project.pk}", "reader", "en")


def test_who_sees_the_work_on_a_project(cast: Cast) -> None:
    region = f"project-work-{make_project(cast.kehl).pk}"
    seen = {name: audience_of(region, getattr(cast, name)) for name in ("kehl", "mayor", "guest", "other")}
    assert seen == {"kehl": "officer", "mayor": "reader", "guest": None, "other": None}


def test_the_region_takes_as_many_queries_for_1_as_for_50(cast: Cast, meeting: Meeting) -> None:
    project = make_project(cast.kehl)
    read = partial(render, f"project-work-{project.pk}", "officer", "en")

    def add(number: int) -> None:
        action = make_action(cast, title=f"Task {number}", project=project, person=cast.kehl)
        item = AgendaItem.objects.create(meeting=meeting, title=f"Item {number}", state="done", project=project)
        RecordedAction.objects.create(item=item, action_item=action)

    add(0)
    few = queries_of(read)
    for number in range(1, 50):
        add(number)
    assert queries_of(read) == few


def test_every_filter_survives_its_own_address() -> None:
    wanted = ActionFilter.parse("state=follow_up&group=3&project=4&q=e-file&person=1&meeting=2&town=08317057&page=2")
    assert ActionFilter.parse(wanted.variant) == wanted
    assert (wanted.group, wanted.project, wanted.state) == (3, 4, "follow_up")
