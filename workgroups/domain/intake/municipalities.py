"""Municipalities of a table: which town joined the network when, and as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from collab.network.domain import accession as domain
from collab.network.models import Accession, Membership, Municipality, Network

from .cells import Cells, Choices
from .columns import MUNICIPALITIES
from .plan import Kind, Line, Outcome, Towns, lock_all


class Municipalities(Kind):
    columns = MUNICIPALITIES
    needs = (("municipality", "ags"),)
    most = 1_200

    def __init__(self, network: Network, by: Membership, name: str) -> None:
        super().__init__(network, by, name)
        self.standings = Choices(Accession.Standing.choices)
        accessions = Accession.objects.filter(network=network).select_related("municipality").order_by("joined_on")
        self.accessions: dict[str, list[Accession]] = {}
        for accession in accessions:
            self.accessions.setdefault(accession.municipality_id, []).append(accession)
        every = Municipality.objects.only("ags", "name", "short_name", "district")
        self.towns = Towns(every, near=self.accessions)

    def read(self, cells: Cells) -> dict[str, Any]:
        unknown = _("“%(cell)s” is no municipality of the official list.")
        # The key says more than the name.
        town = self.towns.read(cells, "ags", unknown)
        if town:
            self._need_same(cells, town)
        elif not cells.problems:
            town = self.towns.read(cells, "municipality", unknown)
        if town is None and not cells.problems:
            cells.wrong("", _("The municipality is missing."))
        return {
            "town": town,
            "joined_on": cells.day("joined_on"),
            "standing": cells.choice("standing", self.standings),
            "note": cells.text("note", 300),
        }

    def _need_same(self, cells: Cells, town: Municipality) -> None:
        """A key that is not the named town's is a slip that nobody would notice afterwards."""
        name = cells.text("municipality")
        called = self.towns.named(name) if name else []
        if called and town not in called:
            cells.wrong("ags", _("This is the key of %(town)s, not of “%(name)s”.") % {"town": town, "name": name})

    def title(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        return str(values["town"] or texts.get("municipality") or texts.get("ags") or "–")

    def key(self, values: Mapping[str, Any]) -> Any:
        return values["town"].pk

    def judge(self, line: Line) -> None:
        joined_on, today = line.values["joined_on"], timezone.localdate()
        earlier = self.accessions.get(line.values["town"].pk, [])
        there = next((one for one in earlier if one.left_on is None or one.left_on > today), None)
        if there is None and joined_on:
            there = next((one for one in earlier if one.left_on and joined_on < one.left_on), None)
            if there and there.left_on:
                line.outcome = Outcome.SAME
                line.notes.append(_("Has left the network on %(date)s.") % {"date": date_format(there.left_on)})
                return
        if there is None:
            return
        line.target, line.outcome = there, Outcome.SAME
        for name in ("joined_on", "standing", "note"):
            wanted, now = line.values[name], getattr(there, name)
            if wanted is not None and wanted != now:
                label = next(column.label for column in self.columns if column.name == name)
                line.change(name, label, self._shown(name, now), self._shown(name, wanted))

    def _shown(self, name: str, value: Any) -> str:
        if name == "joined_on":
            return date_format(value, "SHORT_DATE_FORMAT")
        return str(Accession.Standing(value).label) if name == "standing" else value

    def carry_out(self, lines: Sequence[Line]) -> list[str]:
        lock_all(line.target for line in lines)
        for line in lines:
            values = line.values
            if line.outcome == Outcome.CHANGED:
                wanted = {name: values[name] for name in line.fields}
                domain.correct(accession=line.target, by=self.by, **wanted)
            else:
                domain.add(
                    municipality=values["town"],
                    joined_on=values["joined_on"] or timezone.localdate(),
                    standing=values["standing"] or Accession.Standing.MEMBER,
                    note=values["note"] or "",
                    by=self.by,
                )
        return []
