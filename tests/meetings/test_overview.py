"""The mayor's page: what was decided, what the own town makes of it, who does what, the next dates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from collab.live.log import record
from collab.live.models import Change
from collab.live.regions import audience_of, region_id, render
from collab.network.models import Accession, Membership
from meetings.models import CarriedOut, Decision, DecisionStep, Meeting
from tests.conftest import Cast, involve, make_meeting, make_member, make_project
from workgroups.domain.action_item import add_action_item
from workgroups.models import Group

from .overview_things import decided, said, voted

TODAY = timezone.localdate()


def page(client_for, by: Membership, query: str = "") -> str:
    return client_for(by).get(reverse("overview", args=["ortenau"]) + query).text


def town(cast: Cast, ags: str = "08317057", audience: str = "member") -> str:
    return render(f"overview-town-{cast.network.pk}~town={ags}", audience, "en")


def test_the_home_of_a_mayor_is_the_overview_of_their_town(cast: Cast, client_for) -> None:
    decided(cast, "Open source first")
    text = client_for(cast.mayor).get(reverse("home", args=["ortenau"])).text
    assert "Kehl at a glance" in text
    assert "Open source first" in text and "Exact wording of Open source first." in text


def test_everybody_else_keeps_their_home_and_may_open_the_overview(cast: Cast, client_for) -> None:
    assert "at a glance" not in client_for(cast.kehl).get(reverse("home", args=["ortenau"])).text
    assert "Kehl at a glance" in page(client_for, cast.kehl)
    assert "The network at a glance" in page(client_for, cast.coordinator)


@pytest.mark.parametrize(("query", "status"), [("?town=08317001", 200), ("?town=08216043", 404), ("?town=x%00", 404)])
def test_another_town_of_the_network_and_no_other(cast: Cast, client_for, query: str, status: int) -> None:
    answer = client_for(cast.mayor).get(reverse("overview", args=["ortenau"]) + query)
    assert answer.status_code == status
    assert status == 404 or "Achern at a glance" in answer.text


def test_guests_see_nothing_of_it(cast: Cast, client_for) -> None:
    assert client_for(cast.guest).get(reverse("overview", args=["ortenau"])).status_code == 404


def test_the_first_visit_is_welcomed_and_later_ones_are_told_what_is_new(cast: Cast, client_for) -> None:
    decided(cast)
    assert "Everything here is to read" in page(client_for, cast.mayor)
    long_ago = timezone.now() - timedelta(days=9)
    Membership.objects.filter(pk=cast.mayor.pk).update(last_seen_at=long_ago)
    assert "1 new decision</strong> since your last visit" in page(client_for, cast.mayor)
    assert f'data-last-visit="{timezone.localtime(long_ago).isoformat()[:10]}' in page(client_for, cast.mayor)


def test_nothing_new_is_said_too(cast: Cast, client_for) -> None:
    Membership.objects.filter(pk=cast.mayor.pk).update(last_seen_at=timezone.now() - timedelta(days=9))
    assert "No new decision since your last visit" in page(client_for, cast.mayor)


def test_what_is_not_answered_is_the_same_in_the_figure_and_in_the_list_behind_it(cast: Cast, client_for) -> None:
    decided(cast, "Asked")
    said(decided(cast, "Answered"), cast.kehl)
    decided(cast, "Long ago", year=TODAY.year - 2, decided_on=TODAY - timedelta(days=700))
    Accession.objects.filter(network=cast.network, municipality=cast.kehl.municipality).update(
        joined_on=TODAY - timedelta(days=9)
    )
    decided(cast, "Before Kehl joined", decided_on=TODAY - timedelta(days=10))
    assert '-unanswered" href="/n/ortenau/decisions/?town=08317057&amp;part=unanswered">1</a>' in town(cast)
    answer = client_for(cast.mayor).get("/n/ortenau/decisions/?town=08317057&part=unanswered").text
    assert "<bdi>Asked</bdi>" in answer and "Of the last twelve months" in answer
    assert not any(f"<bdi>{name}</bdi>" in answer for name in ("Answered", "Long ago", "Before Kehl joined"))


def test_a_mayor_reads_and_has_no_button_that_writes(cast: Cast, client_for) -> None:
    decision = decided(cast)
    said(decision, cast.kehl)
    voted(decision, cast.kehl)
    text = client_for(cast.mayor).get(reverse("home", args=["ortenau"])).text
    main = text.split('<main id="main"')[1].split("</main>")[0]
    assert "hx-post" not in main and 'method="post"' not in main and "data-dialog" not in main


def test_what_the_town_adopted_and_owes(cast: Cast) -> None:
    adopted, late, soon, no = (decided(cast, name) for name in ("Adopted", "Late", "Soon", "Refused"))
    open_one = decided(cast, "Without a word")
    said(adopted, cast.kehl, on=TODAY)
    said(late, cast.kehl, "planned", on=TODAY - timedelta(days=1))
    said(soon, cast.kehl, "planned", on=TODAY + timedelta(days=30))
    said(no, cast.kehl, "declined", word="Has its own system")
    text = town(cast)
    figures = [part.split("</a>")[0].rsplit(">", 1)[1] for part in text.split("<dd>")[1:]]
    assert figures == ["1", "1", "1", "1", "1"]
    owed = text.split("still owes")[1].split("answered last")[0]
    assert "Late" in owed and "Soon" in owed and "Without a word" in owed
    assert "Adopted</bdi>" not in owed and "Refused" not in owed
    assert "Has its own system" in text.split("answered last")[1]
    assert open_one.reference in owed


def test_what_no_longer_holds_is_not_owed(cast: Cast) -> None:
    for state in ("revoked", "expired", "rejected", "void"):
        decision = decided(cast, f"It is {state}", state=state)
        said(decision, cast.kehl, "planned", on=TODAY - timedelta(days=5))
        decided(cast, f"Unanswered and {state}", state=state)
    assert "Nothing: there is an answer to every decision." in town(cast)


def test_a_town_owes_nothing_of_before_it_joined(cast: Cast) -> None:
    decided(cast, "Before", decided_on=TODAY - timedelta(days=40))
    Accession.objects.filter(municipality="08317057").update(joined_on=TODAY - timedelta(days=10))
    assert "Before" not in town(cast)
    assert "Before" in town(cast, "08317001")


def test_how_the_town_voted_is_shown_only_when_the_vote_is_over(cast: Cast) -> None:
    voted(decided(cast, "Fibre for all"), cast.kehl, "no")
    voted(None, cast.kehl, "abstain", group=cast.group)
    text = town(cast)
    assert "Fibre for all" in text.split("voted")[1] and "overview__voice--no" in text
    assert "Still open" not in text and "overview__voice--abstain" not in text


def test_projects_that_carry_a_decision_out_are_owed_by_who_leads(cast: Cast) -> None:
    project = make_project(cast.kehl, "E-file for all")
    involve(project, cast.kehl)
    late = TODAY - timedelta(days=3)
    link = CarriedOut.objects.create(decision=decided(cast), project=project, due_on=late, linked_by=cast.kehl)
    assert "E-file for all" in town(cast) and "E-file for all" not in town(cast, "08317001")
    CarriedOut.objects.filter(pk=link.pk).update(done_on=TODAY)
    assert "E-file for all" not in town(cast)


def test_overdue_action_items_and_the_decision_they_carry_out(cast: Cast) -> None:
    action = add_action_item(
        network=cast.network,
        title="Buy scanners",
        municipality=cast.kehl.municipality,
        person=cast.kehl,
        due_on=TODAY - timedelta(days=2),
        by=cast.kehl,
    )
    decision = decided(cast)
    CarriedOut.objects.create(decision=decision, action_item=action, linked_by=cast.kehl)
    accession = Accession.objects.get(network=cast.network, municipality="08317057")
    text = render(f"overview-actions-{accession.pk}", "member", "en")
    assert "1 of them overdue" in text and "Buy scanners" in text and f"carries out {decision.reference}" in text


def test_what_became_of_decisions_and_what_ends_soon(cast: Cast) -> None:
    new = decided(cast, "New rule")
    old = decided(cast, "Old rule", state="superseded", superseded_by=new)
    DecisionStep.objects.create(decision=old, number=1, kind="superseded", on=TODAY, other=new, reason="Better")
    decided(cast, "Until summer", expires_on=TODAY + timedelta(days=20), review_on=TODAY + timedelta(days=10))
    text = render(f"overview-decisions-{cast.network.pk}", "member", "en")
    assert "Superseded</strong>" in text and f"by {new.reference}" in text and "Better" in text
    due = render(f"overview-due-{cast.network.pk}", "member", "en")
    assert due.index("comes up again on") < due.index("in force until")


def test_who_took_on_what_and_when_is_what_next(cast: Cast) -> None:
    involve(make_project(cast.achern, "E-payment"), cast.achern)
    involve(make_project(cast.achern, "Long ago"), cast.achern, since=TODAY - timedelta(days=400))
    involve(make_project(cast.achern, "Only interested"), cast.achern, "interested")
    parts = render(f"overview-parts-{cast.network.pk}", "member", "en")
    assert "E-payment" in parts and "Achern" in parts
    assert "Long ago" not in parts and "Only interested" not in parts
    make_meeting(cast, title="Jour fixe in spring")
    make_meeting(cast, title="Called off", state="cancelled")
    make_meeting(cast, title="Held right now", state="open", date=TODAY + timedelta(days=300))
    dates = render(f"overview-dates-{cast.network.pk}", "member", "en")
    assert "Jour fixe in spring" in dates and "09:30" in dates and "Called off" not in dates
    assert dates.index("Held right now") < dates.index("Jour fixe in spring")


def test_meetings_of_an_internal_group_are_for_its_members(cast: Cast, client_for) -> None:
    group = Group.objects.create(network=cast.network, kind="working_group", name="Inner circle", is_internal=True)
    Meeting.objects.filter(pk=make_meeting(cast, title="Behind closed doors").pk).update(group=group)
    assert "Behind closed doors" not in page(client_for, cast.mayor)
    assert "Behind closed doors" in page(client_for, cast.coordinator)


def test_what_is_only_for_a_group_is_only_for_the_group(cast: Cast, client_for) -> None:
    """The officers' own decision: their members see it, a mayor neither sees nor counts it."""
    secret = decided(cast, "Between us", visibility="group")
    said(secret, cast.kehl)
    voted(secret, cast.kehl)
    DecisionStep.objects.create(decision=secret, number=1, kind="fulfilled", on=TODAY)
    Decision.objects.filter(pk=secret.pk).update(review_on=TODAY)
    Membership.objects.filter(pk=cast.mayor.pk).update(last_seen_at=timezone.now() - timedelta(days=9))
    text = page(client_for, cast.mayor)
    assert "Between us" not in text and secret.reference not in text and "No new decision" in text
    assert "Between us" in page(client_for, cast.kehl)
    audience = audience_of(f"overview-decisions-{cast.network.pk}", cast.kehl)
    assert audience == f"member:{cast.group.pk}"


@pytest.mark.parametrize("variant", ["town=0831705", "town=08317057&x=1", "x=1", "town=08317057~"])
def test_a_variant_has_one_spelling(cast: Cast, variant: str) -> None:
    assert audience_of(f"overview-town-{cast.network.pk}~{variant}", cast.mayor) is None


def test_a_town_that_is_no_member_has_an_empty_region(cast: Cast) -> None:
    for text in (town(cast, "08216043"), render(f"overview-town-{cast.network.pk}", "member", "en")):
        assert "<h2" not in text and "data-region" in text


def test_changes_elsewhere_reach_the_page(cast: Cast) -> None:
    """It follows the regions of other pages, whoever writes these."""
    accession = Accession.objects.get(network=cast.network, municipality="08317057")
    network = cast.network.pk
    follows = {
        region_id("decision-log", network): {f"overview-{name}-{network}" for name in ("decisions", "due", "town")},
        region_id("meeting-list", network): {f"overview-dates-{network}"},
        region_id("board-news", network): {f"overview-parts-{network}"},
        region_id("town-actions", accession.pk): {f"overview-actions-{accession.pk}"},
    }
    for changed, followers in follows.items():
        with transaction.atomic():
            record(cast.network, verb="decision_recorded", actor=cast.kehl, obj=cast.group, regions=[changed])
        change = Change.objects.latest("version")
        assert followers <= set(change.regions)


def test_the_same_queries_for_one_row_and_for_fifty(cast: Cast) -> None:
    accession = Accession.objects.get(network=cast.network, municipality="08317057")
    network = cast.network.pk
    regions = [
        *(f"overview-{name}-{network}" for name in ("decisions", "due", "dates", "parts")),
        f"overview-town-{network}~town=08317057",
        f"overview-actions-{accession.pk}",
    ]

    def furnish(number: int) -> None:
        other = decided(cast, f"Decision {number}", review_on=TODAY)
        voted(other, cast.kehl)
        said(decided(cast, f"Planned {number}"), cast.kehl, "planned", on=TODAY)
        said(other, cast.kehl)
        old = decided(cast, f"Old {number}", state="superseded", superseded_by=other)
        DecisionStep.objects.create(decision=old, number=1, kind="superseded", on=TODAY, other=other)
        involve(make_project(cast.kehl, f"Project {number}"), cast.kehl)
        make_meeting(cast, title=f"Meeting {number}")
        action = add_action_item(
            network=cast.network,
            title=f"Action {number}",
            municipality=cast.kehl.municipality,
            person=cast.kehl,
            due_on=TODAY,
            by=cast.kehl,
        )
        CarriedOut.objects.create(decision=other, action_item=action, linked_by=cast.kehl)

    def queries() -> list[int]:
        counts = []
        for region in regions:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                render(region, "member", "en")
            counts.append(len(seen))
        return counts

    furnish(0)
    one = queries()
    for number in range(1, 50):
        furnish(number)
    assert queries() == one
    assert max(one) <= 10


def test_another_networks_decisions_stay_there(cast: Cast, client_for) -> None:
    make_member(cast.other_network, "mayor", cast.other_officer.municipality, "mayor@rastatt.example")
    group = Group.objects.get(network=cast.other_network)
    decided(cast, "Elsewhere", network=cast.other_network, group=group, recorded_by=cast.other)
    assert "Elsewhere" not in page(client_for, cast.mayor)
    mayor = Membership.objects.get(person__email="mayor@rastatt.example")
    text = client_for(mayor).get(reverse("home", args=["regional-digital"])).text
    assert "Elsewhere" in text and "Rastatt at a glance" in text
