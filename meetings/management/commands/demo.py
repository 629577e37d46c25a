from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from collab.network.demo_accounts import demo_accounts
from collab.network.domain import demo as networks
from collab.network.models import Membership, Network
from meetings.domain.demo import fill
from workgroups.domain import demo as projects
from workgroups.models import Group, GroupMembership

OFFICERS = "Fachgruppe Digitalisierung"


class Command(BaseCommand):
    help = (
        "Fill an empty database with the demo; does nothing to one that has a network. --accounts lists the accounts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only list the demo accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self._accounts()
        else:
            self._fill()

    def _accounts(self) -> None:
        accounts = demo_accounts()
        width = max((len(account["label"]) for account in accounts), default=0)
        for account in accounts:
            self.stdout.write(f"{account['label']:{width}}  {account['email']}")

    @transaction.atomic
    def _fill(self) -> None:
        made = networks.fill()
        if not made:
            self.stdout.write("There is a network already: nothing was changed.")
            return
        for network in made:
            officers, guides = _groups(network)
            coordinator = network.memberships.get(role="coordinator")
            projects.fill(network=network, by=coordinator)
            fill(network=network, group=officers, guides=guides, by=coordinator)
            projects.go_on(network=network)
        self.stdout.write(f"The demo is ready: {', '.join(network.name for network in made)}")


def _groups(network: Network) -> tuple[Group, Group]:
    """Make plenum, officers' exchange and the guides' group, chaired by the coordinator; returns the last two."""
    plenum, officers, guides = (
        Group.objects.create(network=network, kind=kind, name=name, purpose=purpose)
        for kind, name, purpose in (
            (Group.Kind.PLENUM, "Plenum", "Die (Ober-)Bürgermeister:innen legen einmal im Jahr die Linie fest."),
            (
                Group.Kind.OFFICERS,
                OFFICERS,
                "Die Digitalisierungsbeauftragten berichten, entscheiden und teilen sich die Arbeit.",
            ),
            (Group.Kind.WORKING_GROUP, "Digitallotsen", "Austausch der Digitallots:innen auf Arbeitsebene."),
        )
    )
    members = Membership.objects.filter(network=network)
    for office in members.filter(role="coordinator"):
        for group in (plenum, officers, guides):
            GroupMembership.objects.create(group=group, membership=office, role=GroupMembership.Role.CHAIR)
    minutes = members.filter(role="officer", municipality__short_name__in=("Kehl", "Rastatt")).first()
    if minutes:
        GroupMembership.objects.create(group=officers, membership=minutes, role=GroupMembership.Role.MINUTES)
    for guide in members.filter(role="guide"):
        GroupMembership.objects.create(group=guides, membership=guide)
    return officers, guides
