"""Bringing the official list of municipalities into the database."""

from __future__ import annotations

import csv
from pathlib import Path

from ..models import Municipality, german_sort_key

SOURCE = Path(__file__).resolve().parent.parent / "data" / "municipalities.csv"
FIELDS = ["name", "short_name", "sort_key", "kind", "population", "postcode", "district", "state"]


def load(path: Path = SOURCE) -> int:
    """Insert or bring up to date every municipality of the file; return how many there are."""
    with path.open(encoding="utf-8", newline="") as file:
        towns = [_municipality(row) for row in csv.DictReader(file)]
    Municipality.objects.bulk_create(
        towns, batch_size=1000, update_conflicts=True, unique_fields=["ags"], update_fields=FIELDS
    )
    return len(towns)


def _municipality(row: dict[str, str]) -> Municipality:
    short = Municipality.shorten(row["name"])
    return Municipality(
        ags=row["ags"],
        name=row["name"],
        short_name=short,
        sort_key=german_sort_key(short),
        kind=row["kind"],
        population=int(row["population"] or 0),
        postcode=row["postcode"],
        district=Municipality.shorten(row["district"]),
        state=row["state"],
    )
