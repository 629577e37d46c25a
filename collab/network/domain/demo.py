"""The two networks of the demo, with their real towns and people called by role and town."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from collab.live.models import Change

from ..models import Membership, Municipality, Network, Person, Role
from . import accession, invitation, membership, municipalities

SOURCE = Path(__file__).resolve().parent.parent / "data" / "networks.json"
TITLES = {
    Role.OFFICER: "Digitalisierungsbeauftragte {}",
    Role.GUIDE: "Digitallots:in {}",
    Role.MAYOR: "{mayor} {}",
}
# slug -> e-mail and name of the coordinator's office; towns whose guide and mayor have an account, too.
OFFICES = {
    "ortenau": ("geschaeftsstelle@ortenau.example", "Geschäftsstelle Ortenau Digital"),
    "regional-digital": ("geschaeftsstelle@digital-regional.example", "Geschäftsstelle Digital Regional"),
}
GUIDES = {"Lahr/Schwarzwald", "Oberkirch", "Offenburg"}
MAYORS = {"Kehl", "Achern", "Durbach", "Rastatt", "Bühl"}
GUESTS = {"ortenau": [("guest@wro.example", "Gast der WRO", "Wirtschaftsregion Ortenau (WRO)")]}
FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", "/": "-"})


def fill() -> list[Network]:
    """Fill an empty database; return the networks, none where there is a network already."""
    if Network.objects.exists():
        return []
    municipalities.load()
    described = json.loads(SOURCE.read_text(encoding="utf-8"))
    with transaction.atomic(), translation.override("de"):
        return [_network(entry) for entry in described]


def email_of(kind: str, town: Municipality) -> str:
    """Return the e-mail address of a demo person, such as officer@kehl.example."""
    return f"{kind}@{everyday(town).lower().translate(FOLDED)}.example"


def everyday(town: Municipality) -> str:
    """Return what people call the town: "Lahr/Schwarzwald" is Lahr."""
    return town.short_name.partition("/")[0]


def _network(entry: dict[str, Any]) -> Network:
    declaration = entry.get("declaration", {})
    network = Network.objects.create(
        slug=entry["slug"],
        name=entry["name"],
        region=entry["region"],
        declaration=declaration.get("title", ""),
        declared_on=declaration.get("signed"),
    )
    begun = date.fromisoformat(min(member["joined"] for member in entry["members"]))
    email, name = OFFICES[network.slug]
    office = membership.admit(network, person=_person(email, name), role=Role.COORDINATOR, started_on=begun)
    towns = Municipality.objects.in_bulk([member["ags"] for member in entry["members"]])
    for member in entry["members"]:
        town, joined = towns[member["ags"]], date.fromisoformat(member["joined"])
        accession.add(municipality=town, joined_on=joined, standing=member["role"], by=office)
    for member in entry["members"]:
        _people(network, towns[member["ags"]], date.fromisoformat(member["joined"]))
    for email, name, organisation in GUESTS.get(network.slug, []):
        guest = _person(email, name)
        membership.admit(network, person=guest, role=Role.GUEST, organisation=organisation, started_on=begun)
    _as_it_was(network, begun)
    _invite_one(towns, office)
    return network


def _people(network: Network, town: Municipality, joined: date) -> None:
    for role, kind in ((Role.OFFICER, "officer"), (Role.GUIDE, "guide"), (Role.MAYOR, "mayor")):
        if role == Role.OFFICER or town.short_name in (GUIDES if role == Role.GUIDE else MAYORS):
            person = _person(email_of(kind, town), _title(role, town))
            membership.admit(network, person=person, role=role, municipality=town, started_on=joined)


def _title(role: Role, town: Municipality) -> str:
    # A Große Kreisstadt (20,000 inhabitants or more) has an Oberbürgermeister.
    mayor = "Oberbürgermeister:in" if town.population >= 20_000 else "Bürgermeister:in"
    return TITLES[role].format(everyday(town), mayor=mayor)


def _person(email: str, name: str) -> Person:
    return Person.objects.create_user(email, name, None)


def _as_it_was(network: Network, begun: date) -> None:
    """Date what the log says so far to the day it happened, a minute apart, so that "today" in the feed is true."""
    at = timezone.make_aware(datetime.combine(begun, time(14, 0)))
    changes = list(Change.objects.filter(network=network).order_by("version"))
    for number, change in enumerate(changes):
        change.at = at + timedelta(minutes=number)
    Change.objects.bulk_update(changes, ["at"])


def _invite_one(towns: dict[str, Municipality], office: Membership) -> None:
    town = min(towns.values(), key=lambda town: (town.short_name in GUIDES, town.sort_key))
    invitation.invite(
        email=email_of("guide", town),
        name=_title(Role.GUIDE, town),
        role=Role.GUIDE,
        municipality=town,
        organisation="",
        by=office,
    )
