"""Check that no finalised minutes were changed: manage.py verify_minutes [--network slug]."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collab.network.models import Network
from meetings.domain.verify import count_versions, verify


class Command(BaseCommand):
    help = "Recomputes the SHA-256 of all finalised minutes and walks their chains; exits with 1 where one was changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--network", metavar="SLUG", help="only this network")

    def handle(self, *args: Any, network: str | None = None, **options: Any) -> None:
        only = self._network(network) if network else None
        findings = verify(only)
        for finding in findings:
            self.stderr.write(self.style.ERROR(str(finding)))
        if findings:
            raise CommandError(f"{len(findings)} findings: finalised minutes are not as they were finalised.")
        self.stdout.write(self.style.SUCCESS(f"{count_versions(only)} versions of minutes are as they were finalised."))

    def _network(self, slug: str) -> Network:
        found = Network.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no network “{slug}”.")
        return found
