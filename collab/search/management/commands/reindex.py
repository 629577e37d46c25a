from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from collab.network.models import Network
from collab.search.anew import make_anew
from collab.search.models import Entry


class Command(BaseCommand):
    help = (
        "Make the index of the search anew from everything that can be found. After an upgrade that finds more than "
        "before; repeating it is harmless."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only where nothing can be found yet")

    def handle(self, *args: Any, **options: Any) -> None:
        networks = Network.objects.order_by("pk")
        if options["if_empty"]:
            networks = networks.exclude(pk__in=Entry.objects.values("network"))
        for network in networks:
            with transaction.atomic():
                number = make_anew(network.pk)
            self.stdout.write(f"{network.slug}: {number} entries.")
