"""Working groups, as people meet them: found, find, edit, close, lead; who sees what of it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collab.live.answers import Refused, Stale
from collab.live.log import feed
from collab.live.models import Change
from collab.live.regions import render
from meetings.domain.agenda import propose_item
from meetings.domain.ideas import drop_idea, park_idea, restore_idea
from meetings.domain.schedule import add_meeting
from tests.conftest import Cast, involve, make_meeting, make_member, make_project
from tests.permissions.world import meeting_of
from workgroups.domain.action_item import add_action_item
from workgroups.domain.group import close_group, create_group, edit_group, reopen_group, stop_leading, take_lead
from workgroups.models import Group, GroupMembership

GROUPS = "/n/ortenau/groups/"
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script> ‮ %(actor)s {{ 7*7 }} 🚲"


def found(by, name="E-Akte", **more) -> Group:
    values = {"kind": "working_group", "purpose": "", "lead_town": None, "is_internal": False, **more}
    return create_group(network=by.network, name=name, by=by, **values)


def edit(group, by, version=1, **more) -> Group:
    values = {"name": group.name, "purpose": group.purpose, "is_internal": group.is_internal, **more}
    return edit_group(group=group, version=version, by=by, **values)


def role_in(group, membership) -> str | None:
    rows = GroupMembership.objects.filter(group=group, membership=membership)
    return rows.values_list("role", flat=True).first()


# Founding


@pytest.mark.parametrize("who", ["kehl", "guide"])
def test_officers_and_guides_found_working_groups_and_chair_them(cast: Cast, client_for, who: str) -> None:
    client = client_for(getattr(cast, who))
    assert "Found a group" in client.get(GROUPS).text
    form = client.get(f"{GROUPS}add/").text
    assert 'name="kind"' not in form, "the bodies of the network are the coordinator's to set up"
    values = {"name": "E-Akte", "purpose": "Scan the post together", "request_id": uuid4()}
    for _twice in range(2):
        answer = client.post(f"{GROUPS}add/", values, headers=HTMX)
        assert answer.status_code == 204
    group = Group.objects.get(name="E-Akte")
    assert (group.kind, group.state, group.is_internal, group.lead_town) == ("working_group", "active", False, None)
    assert role_in(group, getattr(cast, who)) == "chair"
    assert f"{GROUPS}{group.pk}/" in answer["HX-Trigger"]
    assert "Scan the post together" in client_for(cast.mayor).get(GROUPS).text


def test_an_officer_puts_their_own_town_in_charge_and_no_other(cast: Cast, client_for) -> None:
    assert "Kehl leads the group" in client_for(cast.kehl).get(f"{GROUPS}add/").text
    client_for(cast.kehl).post(f"{GROUPS}add/", {"name": "E-Akte", "leads": "on"}, headers=HTMX)
    assert Group.objects.get(name="E-Akte").lead_town == cast.town("kehl")
    for by in (cast.guide, cast.coordinator):
        assert 'name="leads"' not in client_for(by).get(f"{GROUPS}add/").text
    for by, town in ((cast.kehl, "achern"), (cast.coordinator, "achern"), (cast.guide, "lahr")):
        with pytest.raises(Exception) as refusal:
            found(by, "Other", lead_town=cast.town(town))
        assert type(refusal.value).__name__ == "PermissionDenied"
    assert not Group.objects.filter(name="Other").exists(), "nothing half done"


def test_only_the_coordinator_sets_up_the_bodies_of_the_network(cast: Cast, client_for) -> None:
    for by in (cast.kehl, cast.guide):
        client_for(by).post(f"{GROUPS}add/", {"name": "Plenum", "kind": "plenum"}, headers=HTMX)
        assert Group.objects.get(name="Plenum").kind == "working_group", "the field is not theirs"
        Group.objects.filter(name="Plenum").update(name=f"Of {by.pk}")
    answer = client_for(cast.coordinator).post(f"{GROUPS}add/", {"name": "Plenum", "kind": "plenum"}, headers=HTMX)
    assert answer.status_code == 204
    plenum = Group.objects.get(name="Plenum")
    page = render(f"group-members-{plenum.pk}", "member", "en")
    assert "mayor" in page.lower() and "by office" in page


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "null\0byte"}, "Null characters"),
        ({"name": "E", "purpose": "x" * 2001}, "at most 2000"),
        ({"name": "fachgruppe"}, "There is a group called"),
    ],
)
def test_what_cannot_be_founded(cast: Cast, client_for, values, message: str) -> None:
    answer = client_for(cast.kehl).post(f"{GROUPS}add/", values, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    assert Group.objects.filter(network=cast.network).count() == 1


def test_a_form_sent_by_somebody_else_makes_nothing(cast: Cast, client_for) -> None:
    values = {"name": "E-Akte", "request_id": str(uuid4())}
    assert client_for(cast.kehl).post(f"{GROUPS}add/", values, headers=HTMX).status_code == 204
    answer = client_for(cast.achern).post(f"{GROUPS}add/", {**values, "name": "Other"}, headers=HTMX)
    assert answer.status_code == 422
    assert "sent already" in answer.text


@pytest.mark.parametrize(("who", "status"), [("mayor", 403), ("guest", 404), ("other", 404), ("other_officer", 404)])
def test_who_founds_nothing(cast: Cast, client_for, who: str, status: int) -> None:
    client = client_for(getattr(cast, who))
    assert client.get(f"{GROUPS}add/").status_code == status
    assert client.post(f"{GROUPS}add/", {"name": "E-Akte"}, headers=HTMX).status_code == status
    assert not Group.objects.filter(name="E-Akte").exists()


def test_nobody_is_asked_to_sign_in(cast: Cast, client) -> None:
    assert client.get(GROUPS).status_code == 302
    assert client.post(f"{GROUPS}add/", {"name": "x"}).status_code == 302


# The list and the page


def test_the_list_has_all_groups_with_their_towns_and_next_meeting(cast: Cast, meeting, client_for) -> None:
    group = found(cast.kehl, purpose=HOSTILE, lead_town=cast.town("kehl"))
    GroupMembership.objects.create(group=group, membership=cast.guide)
    page = client_for(cast.mayor).get(GROUPS).text
    assert "<script>alert" not in page
    assert "2 municipalities" in page and "Kehl leads" in page
    assert "meets on" in page
    assert f'data-for-membership="{cast.kehl.pk} {cast.guide.pk}"' in page


def test_the_list_takes_the_same_number_of_queries_however_long(cast: Cast, meeting) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            render(f"group-list-{cast.network.pk}", "officer", "en")
        return len(seen)

    few = queries()
    for k in range(50):
        group = found(cast.kehl, f"Group {k}")
        GroupMembership.objects.create(group=group, membership=cast.guide)
    assert queries() == few


def test_the_page_takes_the_same_number_of_queries_however_much_there_is(cast: Cast) -> None:
    group = found(cast.kehl)

    def queries(*names: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            for name in names:
                render(f"{name}-{group.pk}", "chair", "en")
        return len(seen)

    names = ("group", "group-members", "group-work", "group-files", "group-decisions", "group-meetings")
    involve(make_project(cast.kehl, group=group), cast.kehl)
    add_action_item(
        network=cast.network,
        title="A",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        group=group,
        by=cast.kehl,
    )
    few = queries(*names)
    for k in range(20):
        involve(make_project(cast.kehl, f"P {k}", group=group), cast.achern)
        member = make_member(cast.network, "guide", cast.town("lahr"), f"guide{k}@lahr.example")
        GroupMembership.objects.create(group=group, membership=member)
    assert queries(*names) == few


def test_the_page_shows_what_the_group_works_on(cast: Cast, client_for) -> None:
    group = found(cast.kehl, purpose="Scan the post")
    involve(make_project(cast.kehl, "E-file", group=group), cast.achern)
    add_action_item(
        network=cast.network,
        title="Buy scanners",
        municipality=cast.town("kehl"),
        person=None,
        due_on=None,
        group=group,
        by=cast.kehl,
    )
    page = client_for(cast.mayor).get(f"{GROUPS}{group.pk}/").text
    for text in ("Scan the post", "E-file", "Achern leads", "Buy scanners", "Parking lot", "Join the group"):
        assert text in page, text
    for control in ("Invite", "Close the group", "Add a file"):
        assert control not in page, control
    own = client_for(cast.kehl).get(f"{GROUPS}{group.pk}/").text
    for control in ("Invite", "Close the group", "Add a file", "New series"):
        assert control in own, control


def test_a_project_is_entered_from_the_group_by_who_works_in_it(cast: Cast, client_for) -> None:
    group = found(cast.kehl)
    way = f"/n/ortenau/projects/add/?group={group.pk}"
    assert way in client_for(cast.kehl).get(f"{GROUPS}{group.pk}/").text
    assert f'value="{group.pk}" selected' in client_for(cast.kehl).get(way).text
    assert way not in client_for(cast.guide).get(f"{GROUPS}{group.pk}/").text


def test_a_mayor_in_a_group_is_offered_no_work_that_is_refused_then(cast: Cast, client_for) -> None:
    group = found(cast.kehl)
    GroupMembership.objects.create(group=group, membership=cast.mayor)
    page = client_for(cast.mayor).get(f"{GROUPS}{group.pk}/").text
    for way in ("action-items/add/", "projects/add/"):
        assert client_for(cast.mayor).get(f"/n/ortenau/{way}").status_code == 403
        assert way not in page, way


@pytest.mark.parametrize(("who", "status"), [("mayor", 200), ("guide", 200), ("guest", 404), ("other", 404)])
def test_who_sees_a_group(cast: Cast, client_for, who: str, status: int) -> None:
    group = found(cast.kehl)
    assert client_for(getattr(cast, who)).get(f"{GROUPS}{group.pk}/").status_code == status
    assert client_for(getattr(cast, who)).get(GROUPS).status_code == status


# Editing


def test_editing_tells_what_happened_meanwhile(cast: Cast, client_for) -> None:
    group = found(cast.kehl)
    address = f"{GROUPS}{group.pk}/edit/"
    values = {"purpose": "", "version": 1}
    assert client_for(cast.coordinator).post(address, {**values, "name": "Theirs"}, headers=HTMX).status_code == 204
    answer = client_for(cast.kehl).post(address, {**values, "name": "Mine"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Theirs" in answer.text and 'value="Mine"' in answer.text and str(cast.coordinator) in answer.text
    again = client_for(cast.kehl).post(address, {**values, "name": "Mine", "version": 2}, headers=HTMX)
    assert again.status_code == 204
    group.refresh_from_db()
    assert (group.name, group.version) == ("Mine", 3)


def test_saving_the_same_twice_is_saved_once(cast: Cast) -> None:
    group = found(cast.kehl)
    for _twice in range(2):
        edit(group, cast.kehl, name="E-Akte 2")
    group.refresh_from_db()
    assert group.version == 2
    with pytest.raises(Stale):
        edit(group, cast.kehl, version=99, name="E-Akte 3")


def test_a_name_is_taken_once(cast: Cast) -> None:
    group = found(cast.kehl)
    with pytest.raises(Refused, match="There is a group called"):
        edit(group, cast.kehl, name="FACHGRUPPE")
    assert edit(group, cast.kehl, name="e-akte").name == "e-akte", "its own name may be spelled anew"


def test_making_it_internal_signs_every_screen_on_anew(cast: Cast) -> None:
    group = found(cast.kehl)
    edit(group, cast.kehl, is_internal=True)
    change = Change.objects.latest("version")
    assert {cast.mayor.person_id, cast.guide.person_id, cast.kehl.person_id} <= set(change.access)
    assert f"meeting-list-{cast.network.pk}" in change.regions


# Closing


def test_closing_keeps_everything_and_takes_nothing_new(cast: Cast, client_for) -> None:
    group = found(cast.kehl)
    park_idea(group=group, title="Archive", text="", by=cast.kehl)
    dropped = drop_idea(idea=park_idea(group=group, title="Fax", text="", by=cast.kehl), by=cast.kehl)
    client = client_for(cast.kehl)
    assert client.post(f"{GROUPS}{group.pk}/close/", {"word": ""}, headers=HTMX).status_code == 422
    for _twice in range(2):
        answer = client.post(f"{GROUPS}{group.pk}/close/", {"word": "All towns scan"}, headers=HTMX)
        assert answer.status_code == 204
    assert Change.objects.filter(verb="group_closed").count() == 1
    group.refresh_from_db()
    page = client_for(cast.mayor).get(f"{GROUPS}{group.pk}/").text
    assert "All towns scan" in page and "Archive" in page
    assert "Join the group" not in page
    with pytest.raises(Refused, match="is closed"):
        park_idea(group=group, title="Late", text="", by=cast.kehl)
    with pytest.raises(Refused, match="is closed"):
        restore_idea(idea=dropped, by=cast.kehl)
    with pytest.raises(Refused, match="is closed"):
        add_meeting(
            group=group, title="Late", date=make_meeting(cast).date, start_time="09:00", minutes=60, by=cast.kehl
        )
    assert "E-Akte" not in client.get("/n/ortenau/meetings/add/").text
    assert "1 closed group" in client.get(GROUPS).text
    assert client.post(f"{GROUPS}{group.pk}/reopen/", headers=HTMX).status_code == 204
    group.refresh_from_db()
    assert group.state == "active"
    assert park_idea(group=group, title="Late", text="", by=cast.kehl).title == "Late"


def test_a_group_that_still_meets_is_not_closed(cast: Cast, client_for) -> None:
    group = found(cast.kehl)
    meeting = meeting_of(group, "Scanning", make_meeting(cast).date)
    answer = client_for(cast.kehl).post(f"{GROUPS}{group.pk}/close/", {"word": "Done"}, headers=HTMX)
    assert answer.status_code == 422
    assert "still has meetings planned" in answer.text
    type(meeting).objects.filter(pk=meeting.pk).update(state="cancelled")
    assert close_group(group=group, word="Done", by=cast.kehl).state == "closed"


def test_a_closed_group_is_not_at_home_any_more(cast: Cast, client_for) -> None:
    group = found(cast.guide, "Scanning")
    assert "Scanning" in client_for(cast.guide).get("/n/ortenau/").text
    close_group(group=group, word="Done", by=cast.guide)
    assert f'id="group-next-{group.pk}"' not in client_for(cast.guide).get("/n/ortenau/").text
    assert reopen_group(group=group, by=cast.coordinator).closed_at is None


# The lead


def test_a_town_takes_the_lead_and_gives_it_up_by_its_own_officer(cast: Cast, client_for) -> None:
    group = found(cast.guide)
    for officer in (cast.kehl, cast.achern):
        GroupMembership.objects.create(group=group, membership=officer)
    for _twice in range(2):
        assert client_for(cast.kehl).post(f"{GROUPS}{group.pk}/lead/", headers=HTMX).status_code == 204
    group.refresh_from_db()
    assert group.lead_town == cast.town("kehl")
    assert Change.objects.filter(verb="group_led").count() == 1
    taken = client_for(cast.achern).post(f"{GROUPS}{group.pk}/lead/", headers=HTMX)
    assert taken.status_code == 409
    for by in (cast.guide, cast.coordinator, cast.achern):
        assert client_for(by).post(f"{GROUPS}{group.pk}/lead/give-up/", headers=HTMX).status_code == 403
    stop_leading(group=group, by=cast.kehl)
    group.refresh_from_db()
    assert group.lead_town is None
    assert take_lead(group=group, by=cast.achern).lead_town == cast.town("achern")


def test_the_feed_tells_of_groups(cast: Cast, client_for) -> None:
    group = found(cast.kehl, HOSTILE)
    assert [change.verb for change in feed(cast.network.pk)] == ["group_founded"]
    page = client_for(cast.achern).get("/n/ortenau/").text
    assert "<script>alert" not in page
    assert f"{GROUPS}{group.pk}/" in page


def test_what_names_it_elsewhere_follows_and_forgets_its_agenda(cast: Cast) -> None:
    group = found(cast.kehl)
    project, talked_about = make_project(cast.kehl, "E-Akte", group=group), make_project(cast.kehl, "Scanner")
    meeting = meeting_of(group, "Klausur", make_meeting(cast).date)
    propose_item(meeting=meeting, by=cast.kehl, title="Kosten", project=talked_about)
    names = {"municipality": cast.town("kehl"), "person": None, "due_on": None}
    action = add_action_item(network=cast.network, title="Guide", group=group, by=cast.kehl, **names)
    assert "Klausur" in render(f"project-work-{talked_about.pk}", "officer", "en")
    edit(group, cast.kehl, name="E-Akte 2", is_internal=True)
    shown = set(Change.objects.latest("version").regions)
    assert {f"project-head-{project.pk}", f"project-work-{talked_about.pk}"} <= shown
    assert {f"action-item-{action.pk}", f"action-log-{cast.network.pk}", f"meeting-head-{meeting.pk}"} <= shown
    assert "Klausur" not in render(f"project-work-{talked_about.pk}", "officer", "en")
