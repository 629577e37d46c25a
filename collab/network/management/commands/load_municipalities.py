from typing import Any

from django.core.management.base import BaseCommand

from collab.network.domain.municipalities import load


class Command(BaseCommand):
    help = "Bring all German municipalities (Destatis, GV100AD) into the database, or up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load()} municipalities")
