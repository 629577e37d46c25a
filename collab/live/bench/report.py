"""The figures of a run: a table for people, JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

PACKAGES = ("Django", "daphne", "uvicorn", "channels-redis")


@dataclass
class Row:
    """One figure; `good` is None where there is no target to reach."""

    group: str
    name: str
    value: str
    target: str = ""
    good: bool | None = None
    figures: dict[str, Any] = field(default_factory=dict)


class Report:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, group: str, name: str, value: str, **more: Any) -> None:
        row = Row(group, name, value, **more)
        self.rows.append(row)
        print(self.line(row), flush=True)  # a run takes minutes: what is known is shown

    @staticmethod
    def line(row: Row) -> str:
        mark = {True: "ok", False: "MISSED", None: ""}[row.good]
        return f"{row.group:<18} {row.name:<44} {row.value:<62} {row.target:<14} {mark}".rstrip()

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if row.good is False]

    def markdown(self) -> str:
        """Return the rows as a table for docs/benchmarks.md."""
        head = ["| | figure | value | target | |", "| --- | --- | --- | --- | --- |"]
        marks = {True: "ok", False: "**missed**", None: ""}
        rows = [f"| {r.group} | {r.name} | {r.value} | {r.target} | {marks[r.good]} |" for r in self.rows]
        return "\n".join([*head, *rows])

    def write(self, path: Path, command: str) -> None:
        content = {"command": command, **machine(), "rows": [asdict(row) for row in self.rows]}
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def machine() -> dict[str, Any]:
    """Return when and where this ran."""
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GB"
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "memory": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }
