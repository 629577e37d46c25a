"""The change log of a network whose past was written at once: one version after the other, in the order of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collab.live.models import Change, Topic

from .tables import Table


class Log:
    """What happened, kept until all of it is known."""

    def __init__(self) -> None:
        given = ("network", "version", "at", "actor", "actor_name", "verb", "object_type", "object_id")
        self.changes = Table(Change, *given, "params", "regions")
        self.topics = Table(Topic, "network", "version")
        self.tables = [self.changes, self.topics]
        self._said: list[tuple[datetime, int, str, str, str, int, dict[str, Any]]] = []

    def tell(self, at: datetime, actor: tuple[int, str], verb: str, kind: str, pk: int, params: dict[str, Any]) -> None:
        self._said.append((at, *actor, verb, kind, pk, params))

    def number(self, network: int) -> None:
        """Give what was told its versions, and the network its newest."""
        regions = [f"feed-{network}"]
        for version, row in enumerate(sorted(self._said, key=lambda said: said[0]), start=1):
            at, actor, name, verb, kind, pk, params = row
            self.changes.add(network, version, at, actor, name, verb, kind, pk, params, regions)
        self.topics.add(network, len(self._said))
        self._said = []
