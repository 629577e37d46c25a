from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings.domain.demo_germany import fill

WIDTH = 30


class Command(BaseCommand):
    help = (
        "Fill an empty database with a network for each Landkreis and ten years of its meetings, decisions, finalised "
        "minutes and action items; does nothing to one that has a network. Its accounts are coordinator@, officer@ and "
        "mayor@germany-<network>.example, the officers and mayors of other towns officer-<key>@ and mayor-<key>@."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--networks", type=int, help="only so many of the 294 (all)")
        parser.add_argument("--years", type=int, default=10, help="years of meetings behind them (10)")

    def handle(self, *args: Any, **options: Any) -> None:
        networks, years = options["networks"], options["years"]
        if years < 1 or (networks is not None and networks < 1):
            raise CommandError("At least one network and one year.")
        self.began = time.monotonic()
        self.is_terminal = sys.stdout.isatty()
        made = fill(networks=networks, years=years, told=self._tell)
        if not made:
            self.stdout.write("There is a network already: nothing was changed.")
            return
        self.stdout.write(f"{len(made)} networks in {time.monotonic() - self.began:.0f} s.")

    def _tell(self, number: int, of: int, name: str, rows: int) -> None:
        """Show how far it is: a bar on a terminal, else a line now and then."""
        seconds = time.monotonic() - self.began
        left = seconds / number * (of - number)
        bar = "#" * (WIDTH * number // of)
        line = f"[{bar:{WIDTH}}] {number}/{of} {rows:,} rows, {seconds:.0f} s, about {left:.0f} s left"
        if self.is_terminal:
            self.stdout.write(f"\r{line} {name[:30]:30}", ending="\n" if number == of else "")
            self.stdout.flush()
        elif number == of or number % max(1, of // 20) == 0:
            self.stdout.write(line)
