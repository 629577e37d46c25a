"""The minutes of the country: what people would have finalised one by one, and held by the same chains."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from collab.live.models import Change
from collab.network.models import Membership, Network
from collab.search.queries import find
from meetings.domain.demo_germany import fill
from meetings.domain.demo_records import write_minutes
from meetings.domain.verify import verify
from meetings.models import Meeting, MinutesApproval, MinutesVersion
from meetings.queries.minutes import to_approve
from meetings.queries.minutes_content import _of_meeting, body_of, canonical, content_of_version

pytestmark = pytest.mark.django_db
# A Saturday after a third Thursday, whose minutes are still a draft.
TODAY = date(2025, 12, 20)
TEXTS = ("remarks", "distribution", "visibility")


@pytest.fixture
def network() -> Network:
    return fill(networks=1, years=1, today=TODAY)[0]


def member(network: Network, who: str) -> Membership:
    found = Membership.objects.select_related("network", "municipality", "person")
    return found.get(person__email=f"{who}@germany-{network.slug}.example")


def test_every_version_is_what_the_meeting_would_make_of_itself(network: Network) -> None:
    versions = list(MinutesVersion.objects.select_related("minutes__meeting__group", "minutes__meeting__network"))
    assert len(versions) == 12
    for version in versions:
        content = body_of(content_of_version(version))
        assert {name: content.pop(name) for name in TEXTS}["visibility"] == "network"
        made = _of_meeting(version.minutes.meeting)
        # Minutes say how things stood when they were finalised.
        for action in [action for item in made["items"] for action in item["actions"]]:
            action["state"] = "open"
        assert canonical(content) == canonical(made)
        assert version.finalised_at > version.minutes.meeting.closed_at
        assert version.content == canonical(content_of_version(version))


def test_what_it_says_is_not_empty(network: Network) -> None:
    content = content_of_version(MinutesVersion.objects.filter(chain__startswith="series").latest("position"))
    decided = [decision for item in content["items"] for decision in item["decisions"]]
    assert len(content["items"]) == 13 and len(decided) >= 8 and content["quorum"]["present"] > 40
    assert any(decision["voices"] for decision in decided)
    assert sum(len(item["actions"]) for item in content["items"]) == 14
    assert [item["approvals"][0]["title"] for item in content["items"] if "approvals" in item] == ["Jour fixe"]


def test_the_chains_hold_and_a_changed_byte_is_named(network: Network) -> None:
    assert verify() == []
    out = StringIO()
    call_command("verify_minutes", stdout=out)
    assert "12 versions" in out.getvalue()
    chains = MinutesVersion.objects.order_by("chain", "position").values_list("chain", "position", "previous")
    assert len({chain for chain, _position, _previous in chains}) == 2
    assert all(bool(previous) == (position > 1) for _chain, position, previous in chains)
    version = MinutesVersion.objects.order_by("position").first()
    assert version
    MinutesVersion.objects.filter(pk=version.pk).update(content=version.content.replace("Rathaus", "Rathaux", 1))
    assert {finding.number for finding in verify()} == {1}
    with pytest.raises(CommandError):
        call_command("verify_minutes", stdout=out, stderr=StringIO())


def test_the_newest_is_a_draft_and_all_before_the_last_are_approved(network: Network) -> None:
    held = Meeting.objects.filter(network=network, state="closed", series__isnull=False).order_by("-date")
    assert not MinutesVersion.objects.filter(minutes__meeting=held[0]).exists()
    approved = MinutesApproval.objects.filter(kind="approved")
    assert approved.count() == 11
    assert not approved.exclude(version__minutes__meeting__series__isnull=False).exists()
    assert list(to_approve(held[0])) == []
    assert Change.objects.filter(verb="minutes_finalised").count() == 12
    assert Change.objects.filter(verb="minutes_approved").count() == 11


@pytest.mark.parametrize("who", ["coordinator", "officer", "mayor"])
def test_they_are_listed_read_and_found(network: Network, client: Client, who: str) -> None:
    reader = member(network, who)
    client.force_login(reader.person)
    version = MinutesVersion.objects.filter(chain__startswith="series").latest("position")
    meeting = version.minutes.meeting_id
    assert f"/meetings/{meeting}/minutes/" in client.get(f"/n/{network.slug}/minutes/").text
    page = client.get(f"/n/{network.slug}/meetings/{meeting}/minutes/")
    assert page.status_code == 200
    assert version.sha256[:12] in page.text
    found = find(reader, "Genehmigung", kind="minutes")
    assert found.counts["minutes"] == 11


def test_minutes_go_on_where_the_past_ends(network: Network) -> None:
    newest = Meeting.objects.filter(network=network, state="closed", series__isnull=False).latest("date")
    write_minutes(meeting=newest, by=member(network, "coordinator"))
    assert MinutesVersion.objects.get(minutes__meeting=newest).position == 12
    assert verify() == []
