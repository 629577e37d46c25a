"""The round of reports: prepared, written, called, passed; and who may read what when."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from collab.live.answers import Refused, Stale
from collab.live.models import Change
from collab.live.regions import region_id, render
from meetings.domain.closing import close_meeting
from meetings.domain.presence import arrive
from meetings.domain.room import activate_item, next_item, open_meeting
from meetings.domain.round import call_next, call_town, pass_report, write_report
from meetings.domain.schedule import cancel_meeting
from meetings.models import AgendaItem, MeetingGuest, Report, Series, TemplateItem
from meetings.queries.talk import round_of
from tests.conftest import make_meeting
from tests.meetings.test_agenda import propose, url
from workgroups.models import GroupMembership

HTMX = {"hx-request": "true"}
TEXTS = {"news": "Neues Serviceportal", "needs": "", "offers": ""}


@pytest.fixture
def item(cast, meeting):
    """A round on the agenda of a planned meeting, behind another item."""
    propose(cast.coordinator, meeting, title="Begrüßung")
    return propose(cast.coordinator, meeting, title="Blitzlicht", kind="round")


@pytest.fixture
def running(cast, item):
    """The round as the active item."""
    meeting = open_meeting(meeting=item.meeting, by=cast.coordinator)
    next_item(meeting=meeting, expected=meeting.active_item_id, by=cast.coordinator)
    return fresh(item)


def fresh(item):
    return AgendaItem.objects.select_related("meeting__group", "meeting__network").get(pk=item.pk)


def write(item, by, *, version=0, town=None, **texts):
    texts = {**TEXTS, **texts}
    return write_report(item=item, municipality=town or by.municipality, version=version, by=by, **texts)


def region(item, audience="member"):
    return render(region_id("meeting-round", item.meeting_id), audience, "en")


def called(item):
    return (fresh(item).called or "") and fresh(item).called.short_name


def test_a_prepared_report_is_its_towns_own_until_the_item_starts(cast, item, client_for):
    kehl, achern = client_for(cast.kehl), client_for(cast.achern)
    answer = kehl.post(url("item_report", item.pk), {**TEXTS, "version": 0}, headers=HTMX)
    assert answer.status_code == 204
    assert "Only your town sees it" in answer["HX-Trigger"]
    assert "Neues Serviceportal" in kehl.get(url("item_report", item.pk)).text
    for client in (achern, client_for(cast.coordinator), client_for(cast.mayor), kehl):
        for page in (url("meeting", item.meeting_id), url("item", item.pk)):
            assert "Neues Serviceportal" not in client.get(page).text
    assert "1 town has prepared its report" in achern.get(url("meeting", item.meeting_id)).text
    assert "Prepare our report" in achern.get(url("meeting", item.meeting_id)).text
    assert "Neues Serviceportal" not in str(list(Change.objects.values_list("params", flat=True)))
    meeting = open_meeting(meeting=item.meeting, by=cast.coordinator)
    assert "Neues Serviceportal" not in achern.get(url("meeting", meeting.pk)).text
    next_item(meeting=meeting, expected=meeting.active_item_id, by=cast.coordinator)
    MeetingGuest.objects.create(meeting=meeting, membership=cast.guest)
    for who in (cast.achern, cast.mayor, cast.guest, cast.coordinator):
        assert "Neues Serviceportal" in client_for(who).get(url("meeting", meeting.pk)).text
        assert "Neues Serviceportal" in client_for(who).get(url("item", item.pk)).text


def test_the_form_is_offered_to_the_towns_at_the_table_alone(cast, item, client_for):
    meeting = open_meeting(meeting=item.meeting, by=cast.coordinator)
    next_item(meeting=meeting, expected=meeting.active_item_id, by=cast.coordinator)
    for audience in ("chair", "minutes", "member"):
        offered = re.search(r'data-report-for="([^"]*)"', region(item, audience))
        assert offered
        assert cast.kehl.municipality_id in offered[1].split()
    for audience in ("reader", "guest"):
        assert "data-report" not in region(item, audience)
    # The page has the place for it: the region may begin to offer it while one looks.
    page = client_for(cast.mayor).get(url("meeting", meeting.pk)).text
    assert 'id="report"' in page and 'id="pen"' in page
    assert "/report/" not in page and "/notes/" not in page
    answer = client_for(cast.mayor).post(url("item_report", item.pk), {**TEXTS, "version": 0}, headers=HTMX)
    assert answer.status_code == 403
    assert "Your text is still in the form" in unquote(answer["X-Message"])


def test_only_a_towns_own_people_at_the_table_write_its_report(cast, item, client_for):
    for who, status in (("coordinator", 403), ("mayor", 403), ("guide", 403), ("guest", 404), ("other", 404)):
        client = client_for(getattr(cast, who))
        assert client.post(url("item_report", item.pk), {**TEXTS, "version": 0}).status_code == status, who
        assert client.get(url("item_report", item.pk)).status_code == status, who
    with pytest.raises(PermissionDenied):
        write(item, cast.kehl, town=cast.town("achern"))
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"news": "x" * 2001}, "at most 2000 characters"),
        ({"needs": "x" * 1001}, "at most 1000 characters"),
        ({"offers": "a\x00b"}, "Null characters are not allowed"),
        ({"version": "neu"}, "Enter a whole number"),
        ({"version": ""}, "required"),
        ({"news": " "}, "Write at least one of the three texts"),
    ],
)
def test_bad_input_changes_nothing(cast, item, client_for, change, message):
    client = client_for(cast.kehl)
    answer = client.post(url("item_report", item.pk), {**TEXTS, "version": 0, **change}, headers=HTMX)
    assert answer.status_code == 422
    assert message in answer.text
    assert not Report.objects.exists()


def test_a_report_belongs_into_a_round(cast, item, client_for):
    other = AgendaItem.objects.get(title="Begrüßung")
    assert client_for(cast.kehl).get(url("item_report", other.pk)).status_code == 404
    answer = client_for(cast.kehl).post(url("item_report", other.pk), {**TEXTS, "version": 0}, headers=HTMX)
    assert answer.status_code == 422
    assert "Neues Serviceportal" in answer.text


def test_hostile_text_is_shown_as_text(cast, running):
    write(running, cast.kehl, news="<script>alert(1)</script>", needs="<b>E-Akte", offers="</section>")
    write(running, cast.achern, offers="<i>E-Akte")
    for audience in ("chair", "member", "guest"):
        shown = region(running, audience)
        assert "<script>" not in shown
        assert "<b>" not in shown
        assert "&lt;i&gt;E-Akte" in shown
        assert shown.count("</section>") == 1


def test_a_colleague_saved_meanwhile_and_nothing_is_lost(cast, item, client_for):
    colleague = type(cast.kehl).objects.get(pk=cast.durbach.pk)
    colleague.municipality = cast.kehl.municipality
    colleague.save()
    write(item, colleague, news="Vom Kollegen")
    answer = client_for(cast.kehl).post(url("item_report", item.pk), {**TEXTS, "version": 0}, headers=HTMX)
    assert answer.status_code == 409
    assert "Vom Kollegen" in answer.text
    assert "Neues Serviceportal" in answer.text
    # The answer's form goes on from the colleague's version.
    assert 'name="version" value="1"' in answer.text
    with pytest.raises(Stale):
        write(item, cast.kehl)
    assert write(item, cast.kehl, version=1).version == 2
    assert write(item, cast.kehl, version=1).version == 2  # sent twice


def test_being_called_or_passing_is_no_conflict_with_what_is_being_typed(cast, running):
    call_town(item=running, municipality=cast.town("kehl"), expected=None, by=cast.coordinator)
    call_next(item=running, expected="08317057", by=cast.coordinator)
    report = write(running, cast.kehl)
    assert (report.state, report.version) == ("given", 1)
    pass_report(item=running, municipality=cast.town("durbach"), by=cast.durbach)
    assert write(running, cast.durbach).state == "written"


def test_a_report_typed_while_the_chair_goes_on_is_still_saved_until_the_meeting_closes(cast, running, client_for):
    kehl, meeting = client_for(cast.kehl), running.meeting
    shown = kehl.get(url("item_report", running.pk) + "?in=room", headers=HTMX).text
    assert f'data-item-id="{running.pk}"' in shown
    assert 'data-draft="item-' in shown
    meeting.refresh_from_db()
    next_item(meeting=meeting, expected=running.pk, by=cast.coordinator)
    path = url("item_report", running.pk) + "?in=room"
    assert kehl.post(path, {**TEXTS, "version": 0}, headers=HTMX).status_code == 204
    assert "Neues Serviceportal" in client_for(cast.achern).get(url("item", running.pk)).text
    close_meeting(meeting=meeting, by=cast.coordinator)
    answer = kehl.post(path, {**TEXTS, "news": "Nachtrag", "version": 1}, headers=HTMX)
    assert answer.status_code == 422
    assert "The meeting is closed" in answer.text
    assert "Nachtrag" in answer.text
    assert "Neues Serviceportal" in client_for(cast.achern).get(url("item", running.pk)).text


def test_a_cancelled_meeting_takes_no_reports(cast, item, client_for):
    cancel_meeting(meeting=item.meeting, reason="Sturm", version=item.meeting.version, by=cast.coordinator)
    answer = client_for(cast.kehl).post(url("item_report", item.pk), {**TEXTS, "version": 0}, headers=HTMX)
    assert answer.status_code == 422
    assert "was cancelled" in answer.text


def test_the_chair_calls_one_town_after_the_other(cast, running, client_for):
    chair, seen = client_for(cast.coordinator), []
    for _step in range(5):
        expected = fresh(running).called_id or ""
        answer = chair.post(url("round_next", running.pk), {"expected": expected}, headers=HTMX)
        assert answer.status_code == 204
        seen.append(called(running))
    assert seen == ["Achern", "Durbach", "Kehl", "Lahr", ""]
    assert set(Report.objects.values_list("state", flat=True)) == {"given"}
    shown = region(running)
    assert "All towns have had their turn." in shown
    assert "Reported orally:" in shown


def test_two_press_call_next_and_one_town_is_called(cast, running, client_for):
    chair = client_for(cast.coordinator)
    assert chair.post(url("round_next", running.pk), {"expected": ""}, headers=HTMX).status_code == 204
    second = chair.post(url("round_next", running.pk), {"expected": ""}, headers=HTMX)
    assert second.status_code == 409
    assert "Achern" in unquote(second["X-Message"])
    assert called(running) == "Achern"


def test_only_towns_at_the_table_come_up_by_themselves(cast, running, client_for):
    for name in ("lahr", "durbach"):
        arrive(meeting=running.meeting, municipality=cast.town(name), by=cast.coordinator)
    now = round_of(fresh(running))
    assert [town.short_name for town in now.to_come] == ["Durbach", "Lahr"]
    assert [row.municipality.short_name for row in now.absent] == ["Achern", "Kehl"]
    shown = region(running, "chair")
    assert "Call next: Durbach" in shown
    assert "Not here" in shown
    # The chair may call any of them.
    client_for(cast.coordinator).post(url("round_call", running.pk), {"municipality": "08317057", "expected": ""})
    assert called(running) == "Kehl"


def test_a_town_passes_and_reports_after_all(cast, running, client_for):
    achern = client_for(cast.achern)
    assert achern.post(url("report_pass", running.pk), headers=HTMX).status_code == 204
    assert [town.short_name for town in round_of(fresh(running)).to_come] == ["Durbach", "Kehl", "Lahr"]
    achern.post(url("report_pass", running.pk), {"passed": "0"}, headers=HTMX)
    assert round_of(fresh(running)).to_come[0].short_name == "Achern"
    # In another town's name only the chair passes, and who is called is so no longer.
    other = {"municipality": "08317057"}
    assert achern.post(url("report_pass", running.pk), other, headers=HTMX).status_code == 403
    call_town(item=running, municipality=cast.town("kehl"), expected=None, by=cast.coordinator)
    assert client_for(cast.coordinator).post(url("report_pass", running.pk), other, headers=HTMX).status_code == 204
    assert called(running) == ""
    assert Report.objects.get(municipality="08317057").state == "passed"


def test_who_has_reported_does_not_pass(cast, running):
    call_next(item=running, expected=None, by=cast.coordinator)
    call_next(item=running, expected="08317001", by=cast.coordinator)
    with pytest.raises(Refused):
        pass_report(item=running, municipality=cast.town("achern"), by=cast.achern)


@pytest.mark.parametrize("name", ["round_next", "round_call"])
@pytest.mark.parametrize(("who", "status"), [("kehl", 403), ("mayor", 403), ("guest", 404), ("other", 404)])
def test_only_the_chair_calls(cast, running, client_for, name, who, status):
    data = {"municipality": "08317001", "expected": ""}
    assert client_for(getattr(cast, who)).post(url(name, running.pk), data).status_code == status
    assert called(running) == ""


@pytest.mark.parametrize("town", ["08216043", "99999999", "", "x" * 400, "٣"])
def test_a_town_of_another_network_cannot_be_called(cast, running, client_for, town):
    for name in ("round_call", "report_pass"):
        answer = client_for(cast.coordinator).post(url(name, running.pk), {"municipality": town, "expected": ""})
        assert answer.status_code == 404
    assert not Report.objects.exists()


def test_calling_belongs_to_the_running_round(cast, item, client_for):
    answer = client_for(cast.coordinator).post(url("round_next", item.pk), {"expected": ""}, headers=HTMX)
    assert answer.status_code == 409
    meeting = open_meeting(meeting=item.meeting, by=cast.coordinator)
    with pytest.raises(Refused):
        pass_report(item=item, municipality=cast.town("kehl"), by=cast.kehl)
    activate_item(item=item, expected=meeting.active_item_id, by=cast.coordinator)
    pass_report(item=item, municipality=cast.town("kehl"), by=cast.kehl)


def test_needs_and_offers_stand_beside_each_other(cast, running, client_for):
    write(running, cast.kehl, news="", offers="Dienstanweisung zur E-Akte")
    write(running, cast.achern, news="", needs="Muster für die E-Akte")
    for shown in (region(running, "reader"), client_for(cast.mayor).get(url("item", running.pk)).text):
        assert "Needs and offers that meet" in shown
        assert "Achern needs" in shown
        assert "Kehl offers" in shown


def test_the_last_called_report_comes_first(cast, running):
    for who in (cast.kehl, cast.achern, cast.durbach):
        write(running, who)
    for expected in (None, "08317001", "08317021"):
        call_next(item=running, expected=expected, by=cast.coordinator)
    now = round_of(fresh(running))
    assert now.called.municipality.short_name == "Kehl"
    assert [row.municipality.short_name for row in now.cards] == ["Durbach", "Achern"]


def test_the_round_costs_the_same_whatever_the_number_of_reports(cast, running):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            region(running, "chair")
        return len(seen)

    write(running, cast.kehl)
    one = queries()
    write(running, cast.achern)
    write(running, cast.durbach)
    assert queries() == one <= 12


def test_a_change_of_the_round_reaches_the_screens_that_show_it(cast, running):
    write(running, cast.kehl)
    change = Change.objects.get(verb="report_written")
    assert {f"meeting-round-{running.meeting_id}", f"item-{running.pk}"} <= set(change.regions)


def test_what_was_prepared_for_a_round_that_did_not_begin_goes_on_with_it(cast, client_for, item):
    later = make_meeting(cast, date=timezone.localdate() + timedelta(days=40))
    write_report(item=item, municipality=cast.kehl.municipality, **TEXTS, version=0, by=cast.kehl)
    open_meeting(meeting=item.meeting, by=cast.coordinator)
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    carried = later.items.get(title="Blitzlicht")
    assert TEXTS["news"] in client_for(cast.kehl).get(url("item_report", carried.pk)).content.decode()
    assert TEXTS["news"] not in client_for(cast.achern).get(url("item", carried.pk)).content.decode()


def test_what_was_prepared_for_a_standing_round_stands_in_the_next_meetings(cast, client_for, item):
    later = make_meeting(cast, date=timezone.localdate() + timedelta(days=40))
    series = Series.objects.create(group=cast.group, title="Jour fixe", created_by=cast.coordinator)
    standing = TemplateItem.objects.create(series=series, position=1, title="Blitzlicht", kind="round")
    AgendaItem.objects.filter(pk=item.pk).update(template_item=standing)
    again = propose(cast.coordinator, later, title="Blitzlicht", kind="round")
    AgendaItem.objects.filter(pk=again.pk).update(template_item=standing)
    write_report(item=item, municipality=cast.kehl.municipality, **TEXTS, version=0, by=cast.kehl)
    open_meeting(meeting=item.meeting, by=cast.coordinator)
    close_meeting(meeting=item.meeting, by=cast.coordinator)
    assert TEXTS["news"] in client_for(cast.kehl).get(url("item_report", again.pk)).content.decode()


def button(html, ends):
    """The tag whose id ends so."""
    return re.search(rf'<[a-z]+ [^>]*id="[^"]*{ends}"[^>]*>', html)[0]


def stage(item, audience="chair"):
    return render(region_id("meeting-active", item.meeting_id), audience, "en")


def test_the_chairs_buttons_stand_above_the_text(cast, running):
    write(running, cast.kehl, news="Viel Text")
    first = region(running, "chair")
    assert "Nobody yet" in first
    assert "kern-btn--primary" in button(first, "-next")
    assert 'data-shortcut="c" data-shortcut-label="Call the next town"' in button(first, "-next")
    assert 'data-shortcut="c"' not in region(running, "member")
    call_town(item=running, municipality=cast.town("kehl"), expected=None, by=cast.coordinator)
    shown = region(running, "chair")
    places = [shown.index(part) for part in ('round__town">Kehl', "-next", "Kehl passes", "Viel Text", "Still to come")]
    assert places == sorted(places)


def test_the_next_item_stands_back_until_all_towns_had_their_turn(cast, running):
    assert "kern-btn--secondary" in button(stage(running), "-next")
    for expected in (None, "08317001", "08317021", "08317057"):
        assert "kern-btn--secondary" in button(stage(running), "-next")
        call_next(item=running, expected=expected, by=cast.coordinator)
    # The last one is called: from here the meeting goes on.
    assert "kern-btn--primary" in button(stage(running), "-next")
    assert "kern-btn--secondary" in button(region(running, "chair"), "-next")


def test_whether_towns_are_to_come_reaches_the_stage(cast, running):
    stages = f"meeting-active-{running.meeting_id}"
    for name in ("kehl", "achern"):
        pass_report(item=running, municipality=cast.town(name), by=cast.coordinator)
    call_next(item=running, expected=None, by=cast.coordinator)
    arrive(meeting=running.meeting, municipality=cast.town("lahr"), by=cast.coordinator)
    changes = Change.objects.filter(verb__in=["report_passed", "town_called", "arrived"])
    assert changes.count() >= 3
    assert all(stages in change.regions for change in changes)


def test_the_stage_costs_the_same_whatever_the_number_of_reports(cast, running):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            stage(running)
        return len(seen)

    write(running, cast.kehl)
    one = queries()
    write(running, cast.achern)
    assert queries() == one


def test_a_long_report_is_folded_up_among_the_others_and_whole_when_called(cast, running):
    long = "Wort " * 90 + "Ende"
    write(running, cast.kehl, news=long, needs="E-Akte")
    write(running, cast.achern, news="Kurz")
    folded = region(running)
    assert folded.count("<details") == 1
    assert "E-Akte" not in folded[folded.index("<details") : folded.index("</details>")]
    assert long in folded
    call_town(item=running, municipality=cast.town("kehl"), expected=None, by=cast.coordinator)
    assert "<details" not in region(running)
    assert long in region(running)


def test_who_has_prepared_is_named_and_reads_so(cast, item):
    before = region(item)
    assert "No town has prepared its report yet" in before
    write(item, cast.kehl)
    shown = region(item)
    assert "1 town has prepared its report" in shown
    assert "<span>Kehl</span>" in shown
    for html in (shown, render(region_id("item", item.pk), "member", "en")):
        assert offered(html) == {"Prepare our report": "08317001 08317021 08317065", "Prepared – change it": "08317057"}
        assert TEXTS["news"] not in html
    for audience in ("reader", "guest"):
        assert offered(render(region_id("item", item.pk), audience, "en")) == {}
        assert offered(region(item, audience)) == {}


def offered(html):
    """What leads to one's own report, and for which towns."""
    found = re.findall(r'"report-link" hidden data-for-town="([^"]*)".*?kern-label">([^<]*)<', html)
    return {label: towns for towns, label in found}


def test_on_its_page_a_round_that_has_started_takes_reports_until_the_meeting_closes(cast, running):
    write(running, cast.kehl)
    page = render(region_id("item", running.pk), "member", "en")
    assert list(offered(page)) == ["Write our report", "Report written – change it"]
    close_meeting(meeting=running.meeting, by=cast.coordinator)
    assert offered(render(region_id("item", running.pk), "member", "en")) == {}


def test_chair_and_minutes_are_handed_over_by_buttons_of_different_names(cast, running):
    shown = stage(running)
    assert ">Hand over the chair<" in shown
    assert ">Hand over the minutes<" in shown


def test_who_takes_the_minutes_for_the_group_is_named_and_not_asked_to(cast, running):
    GroupMembership.objects.filter(group=cast.group, role="minutes").delete()
    assert "nobody named" in stage(running)
    GroupMembership.objects.update_or_create(group=cast.group, membership=cast.kehl, defaults={"role": "minutes"})
    shown = stage(running)
    assert cast.kehl.person.name in shown
    assert "nobody named" not in shown
    assert f'data-not-for-membership="{cast.kehl.pk} "' in button(shown, "-take-pen")


def test_the_page_has_a_line_for_each_round_that_may_have_an_unsaved_report(cast, running, client_for):
    line = f'data-draft-of="item-{running.pk}-report"'
    page = client_for(cast.kehl).get(url("meeting", running.meeting_id)).text
    assert line in page
    assert "You have an unsaved report on “Blitzlicht”." in page
    assert page.count("data-draft-of") == 1
    for who in (cast.mayor, cast.coordinator):
        assert line not in client_for(who).get(url("meeting", running.meeting_id)).text
