"""Many towns at the same moment: one lead, clear answers for all others. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from collab.live.answers import Refused
from collab.network.models import Accession, Membership
from tests.conftest import Cast, involve, make_cast, make_member, make_project, make_town
from tests.test_races import HTMX, assert_versions_gapless, at_once, errors, signed_in, values
from workgroups.domain.involvement import LeadTaken, hand_over, join, leave, propose_part, take_on
from workgroups.domain.offer import accept_offer, withdraw_offer
from workgroups.models import Involvement, Offer, Project
from workgroups.queries.involvement import lead_of, open_parts_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(cast.coordinator)


@pytest.fixture
def twenty(cast: Cast) -> list[Membership]:
    """An officer of each of twenty towns."""
    officers = []
    for number in range(20):
        town = make_town(f"Town {number:02}", f"09999{number:03}")
        Accession.objects.create(network=cast.network, municipality=town, joined_on=date(2021, 9, 30))
        officers.append(make_member(cast.network, "officer", town, f"officer@town{number}.example"))
    return officers


def in_english(project: Project, by: Membership) -> Involvement:
    """Every thread has a language of its own."""
    with translation.override("en"):
        return take_on(project=project, role="lead", by=by)


def test_twenty_towns_claim_one_project(cast: Cast, project: Project, twenty: list[Membership]) -> None:
    outcomes = at_once(*(lambda by=by: in_english(project, by) for by in twenty))
    won = values(outcomes)
    assert len(won) == 1
    assert Involvement.objects.filter(project=project, role="lead", until=None).count() == 1
    lost = [(by, outcome.error) for by, outcome in zip(twenty, outcomes, strict=True) if outcome.error]
    assert len(lost) == 19
    for by, why in lost:
        assert isinstance(why, LeadTaken)
        assert str(why).startswith(f"{won[0].municipality} has led “E-file” since ")
        assert str(why).endswith(f"{by.municipality} can contribute instead.")
    assert_versions_gapless(cast.network.pk)


def test_twenty_towns_press_the_button(cast: Cast, project: Project, twenty: list[Membership]) -> None:
    path = reverse("project_take_on", args=[cast.network.slug, project.pk])
    clients = [signed_in(by) for by in twenty]
    posts = [lambda client=client: client.post(path, {"role": "lead"}, headers=HTMX) for client in clients]
    answers = values(at_once(*posts))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 409: 19}
    for answer in answers:
        if answer.status_code == 409:
            assert "E-file" in answer["X-Message"]
            assert f"{path}?instead=contributor" in answer["HX-Trigger"]
    assert_versions_gapless(cast.network.pk)


def test_a_town_takes_on_twice_at_once(cast: Cast, project: Project) -> None:
    outcomes = at_once(*[lambda: take_on(project=project, role="lead", by=cast.kehl)] * 4)
    assert not errors(outcomes)
    assert len({part.pk for part in values(outcomes)}) == 1


def test_leaving_and_claiming_at_once(cast: Cast, project: Project) -> None:
    """Whoever is first, there is one lead or none, and each is told."""
    for _turn in range(4):
        involve(project, cast.kehl)
        outcomes = at_once(
            lambda: leave(project=project, by=cast.kehl),
            lambda: take_on(project=project, role="lead", by=cast.achern),
            lambda: take_on(project=project, role="lead", by=cast.durbach),
        )
        assert outcomes[0].error is None
        lead = lead_of(project.pk)
        assert len(errors(outcomes)) == (1 if lead else 2)
        Involvement.objects.all().delete()
    assert_versions_gapless(cast.network.pk)


def test_an_offer_is_accepted_and_taken_back_at_once(cast: Cast, project: Project) -> None:
    for _turn in range(4):
        involve(project, cast.kehl)
        offer = hand_over(project=project, municipality=cast.town("achern"), word="", by=cast.kehl)
        outcomes = at_once(
            lambda offer=offer: accept_offer(offer=offer, by=cast.achern),
            lambda offer=offer: withdraw_offer(offer=offer, by=cast.kehl),
        )
        assert len(errors(outcomes)) == 1
        offer.refresh_from_db()
        lead = lead_of(project.pk)
        assert lead is not None
        assert lead.municipality.short_name == ("Achern" if offer.state == "accepted" else "Kehl")
        Offer.objects.all().delete()
        Involvement.objects.all().delete()


def test_two_accept_the_lead_at_once(cast: Cast, project: Project, twenty: list[Membership]) -> None:
    offers = [
        propose_part(project=project, municipality=by.municipality, role="lead", word="", by=cast.coordinator)
        for by in twenty[:6]
        if by.municipality
    ]
    pairs = zip(offers, twenty, strict=False)
    outcomes = at_once(*(lambda offer=offer, by=by: accept_offer(offer=offer, by=by) for offer, by in pairs))
    assert errors(outcomes) in (["LeadTaken"] * 5, ["Refused"] * 5)
    assert Involvement.objects.filter(role="lead", until=None).count() == 1
    assert not Offer.objects.filter(state="open").exists()


def test_a_proposal_sent_three_times(cast: Cast, project: Project) -> None:
    path = reverse("project_propose", args=[cast.network.slug, project.pk])
    body = {"municipality": cast.town("kehl").pk, "role": "lead", "word": "", "request_id": str(uuid4())}
    clients = [signed_in(cast.coordinator) for _time in range(3)]
    posts = [lambda client=client: client.post(path, body, headers=HTMX).status_code for client in clients]
    assert values(at_once(*posts)) == [204] * 3
    assert Offer.objects.count() == 1


def test_two_projects_are_joined_crosswise(cast: Cast, project: Project) -> None:
    other = make_project(cast.achern, "Another e-file")
    involve(project, cast.kehl)
    involve(other, cast.achern)
    outcomes = at_once(
        lambda: join(project=project, into=other, by=cast.kehl),
        lambda: join(project=other, into=project, by=cast.achern),
    )
    assert errors(outcomes) == ["Refused"], "no circle: one of the two goes on"
    assert Project.objects.filter(joined_to=None).count() == 1
    assert len(open_parts_of(Project.objects.get(joined_to=None).pk)) == 2


def test_a_claim_while_redis_is_down(cast: Cast, project: Project, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # nobody listens there
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [settings.REDIS_URL]},
        }
    }
    path = reverse("project_take_on", args=[cast.network.slug, project.pk])
    assert signed_in(cast.kehl).post(path, {"role": "lead"}, headers=HTMX).status_code == 204
    answer = signed_in(cast.achern).post(path, {"role": "lead"}, headers=HTMX)
    assert answer.status_code == 409
    lead = lead_of(project.pk)
    assert lead is not None and lead.municipality.short_name == "Kehl"
    with pytest.raises(Refused):
        take_on(project=project, role="lead", by=cast.achern)
