"""Which parts of which pages a change of projects touches."""

from __future__ import annotations

from collab.live.regions import region_id
from workgroups.models import Project


def of_project(project: Project, *parts: str) -> list[str]:
    """Return the regions of the project's page with these names, such as "profile"; always its head and history."""
    return [region_id(f"project-{part}", project.pk) for part in ("head", "history", *parts)]


def of_board(project: Project, *, listed: bool = False) -> list[str]:
    """Return what shows the project on the board. `listed` says that where or whether it is listed has changed, too."""
    rows = [region_id("board-row", project.pk), region_id("board-line", project.pk)]
    lists = [region_id(name, project.network_id) for name in ("board-of", "board-news", "balance")]
    return [*rows, *lists, *([region_id("board", project.network_id)] if listed else [])]
