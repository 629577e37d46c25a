from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from collab.network.models import Network
from collab.search.anew import make_anew


class Command(BaseCommand):
    help = (
        "Make the index of the search anew from everything that can be found. After an upgrade that finds more than "
        "before; repeating it is harmless."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for network in Network.objects.order_by("pk"):
            with transaction.atomic():
                number = make_anew(network.pk)
            self.stdout.write(f"{network.slug}: {number} entries.")
