"""The people of a network: its office, an officer and a mayor of each town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from collab.network.models import Accession, Membership, Municipality, Network, Person, Role
from workgroups.models import Group, GroupMembership

from .districts import District
from .tables import Table

GROUPS = (
    (Group.Kind.PLENUM, "Plenum", "Die (Ober-)Bürgermeister:innen legen einmal im Jahr die Linie fest."),
    (
        Group.Kind.OFFICERS,
        "Fachgruppe Digitalisierung",
        "Die Digitalisierungsbeauftragten berichten, entscheiden und teilen sich die Arbeit.",
    ),
    (Group.Kind.WORKING_GROUP, "Arbeitsgruppe Open Source", "Gemeinsame Beschaffung und Pflege offener Lösungen."),
)


@dataclass(frozen=True)
class Town:
    """A member town with the keys of its officer's and its mayor's membership, and what the officer is called."""

    town: Municipality
    officer: int
    mayor: int
    title: str

    @property
    def pk(self) -> str:
        return self.town.pk


@dataclass(frozen=True)
class Circle:
    """A network with its people and its groups (plenum, officers' exchange, working group)."""

    network: Network
    office: int
    office_name: str
    towns: list[Town]
    groups: list[int]


class People:
    """Rows of networks, towns and people."""

    def __init__(self) -> None:
        self.accessions = Table(Accession, "network", "municipality", "standing", "joined_on")
        self.people = Table(Person, "password", "email", "name", "language")
        self.members = Table(Membership, "network", "person", "role", "municipality", "started_on")
        self.groups = Table(Group, "network", "kind", "name", "purpose")
        self.places = Table(GroupMembership, "group", "membership", "role", "since")
        self.tables = [self.accessions, self.people, self.members, self.groups, self.places]

    def settle(self, district: District, since: date) -> Circle:
        """Make the network of a district with everybody in it, since that day."""
        network = Network.objects.create(
            slug=district.slug,
            name=f"{district.name} digital",
            region=district.title,
            holidays=district.state,
            declared_on=since,
        )
        host = f"germany-{district.slug}.example"
        name = f"Geschäftsstelle {network.name}"
        office = self._person(network, f"coordinator@{host}", name, Role.COORDINATOR, None, since)
        towns = [self._town(network, host, number, town, since) for number, town in enumerate(district.towns)]
        groups = [self.groups.add(network.pk, kind.value, name, purpose) for kind, name, purpose in GROUPS]
        for group in groups:
            self.places.add(group, office, GroupMembership.Role.CHAIR.value, since)
        for town in towns[:12]:
            self.places.add(groups[2], town.officer, GroupMembership.Role.MEMBER.value, since)
        return Circle(network, office, name, towns, groups)

    def _town(self, network: Network, host: str, number: int, town: Municipality, since: date) -> Town:
        """Let a town join; the people of the largest have the short addresses `officer@` and `mayor@`."""
        standing = Accession.Standing.FOUNDER if number < 5 else Accession.Standing.SIGNATORY
        self.accessions.add(network.pk, town.pk, standing.value, since)
        own, title = f"-{town.ags}" if number else "", f"Digitalisierungsbeauftragte {town.short_name}"[:120]
        officer = self._person(network, f"officer{own}@{host}", title, Role.OFFICER, town, since)
        mayor = f"Bürgermeister:in {town.short_name}"[:120]
        return Town(town, officer, self._person(network, f"mayor{own}@{host}", mayor, Role.MAYOR, town, since), title)

    def _person(
        self, network: Network, email: str, name: str, role: Role, town: Municipality | None, since: date
    ) -> int:
        person = self.people.add(UNUSABLE_PASSWORD_PREFIX + "x" * 40, email, name, "de")
        return self.members.add(network.pk, person, role.value, town.pk if town else None, since)
