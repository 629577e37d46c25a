from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from collab.network.domain.exit import carry_out_due_exits
from collab.network.models import Network
from meetings.domain.series import extend_series
from meetings.models import Series


class Command(BaseCommand):
    help = (
        "Plan the next dates of every series, up to eighteen months ahead, and carry out the exits of towns that are "
        "due. For every night; repeating it is harmless."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        for network in Network.objects.order_by("pk"):
            carry_out_due_exits(network.pk, today)
        added = sum(len(extend_series(series=series, today=today)) for series in Series.objects.order_by("pk"))
        self.stdout.write(f"{added} meetings added.")
