from django.core.management.base import BaseCommand

from collab.clock import run_due


class Command(BaseCommand):
    help = "Do all that is due now: end votes, remind, let decisions expire. A running server does it by itself."

    def handle(self, *args: object, **options: object) -> None:
        run_due()
