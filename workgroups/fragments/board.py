"""The live regions of the board: the list, its rows (which also change alone), and the strip of the newest changes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live.models import Change
from collab.live.once import once
from collab.live.regions import Context, Region, region_id, register, show_towns
from collab.live.verbs import address, sentence
from collab.network.models import Network
from workgroups.domain.regions import of_member_town
from workgroups.models import Involvement
from workgroups.queries.board import NEWS_VERBS, Board, BoardFilter, Row, board_of, newest_of, row_of, towns_of, unled
from workgroups.queries.project import blocks_of
from workgroups.queries.similar import similar_to

from . import audiences

Role = Involvement.Role
# One letter in a cell of the matrix; the words stand beside it for screen readers and on phones.
LETTERS = {
    Role.LEAD: pgettext_lazy("letter of a role", "L"),
    Role.CONTRIBUTOR: pgettext_lazy("letter of a role", "C"),
    Role.REUSER: pgettext_lazy("letter of a role", "R"),
    Role.INTERESTED: pgettext_lazy("letter of a role", "I"),
}
NO_LABEL = {"block": _("No topic block yet"), "phase": ""}


def _list(pk: int, audience: str, variant: str) -> Context:
    wanted = BoardFilter.parse(variant)
    board = board_of(pk, wanted)
    network = _network(pk)
    town = next((town for town in board.towns if town.pk == wanted.town), None)
    return {
        "network": network,
        "board": board,
        "wanted": wanted,
        "row_template": f"workgroups/fragments/board_{'row' if wanted.view == 'matrix' else 'line'}.html",
        "sections": [
            (section.label or NO_LABEL[wanted.by], section.code, [_row(row, audience, wanted) for row in section.rows])
            for section in board.sections
        ],
        "towns": board.towns,
        "town": town,
        "tabs": _tabs(wanted, board, town) if town else [],
        "views": [
            ("matrix", _("Matrix"), wanted.with_(view="matrix")),
            ("table", _("Table"), wanted.with_(view="table")),
        ],
        "all_query": wanted.with_(block="", phase="", town="", who="", q=""),
    }


def _tabs(wanted: BoardFilter, board: Board, town: Any) -> list[tuple[str, Any, int, str]]:
    labels = {"does": _("What %(town)s does"), "could": _("What %(town)s could reuse")}
    names = {"town": town.short_name}
    return [(who, label % names, board.counts[who], wanted.with_(who=who)) for who, label in labels.items()]


def _row(row: Row, audience: str, wanted: BoardFilter | None = None, name: str = "") -> Context:
    """Return what the template of a row needs; `wanted` says which of the two kinds it is within a list."""
    project = row.project
    name = name or ("board-row" if wanted and wanted.view == "matrix" else "board-line")
    return {
        "region": region_id(name, project.pk),
        "row": row,
        "project": project,
        "network": project.network,
        "lead": row.lead,
        "block": blocks_of(project.network_id).get(project.block, project.block),
        "cells": row.cells(towns_of(project.network_id)) if name == "board-row" else [],
        "groups": [(role, Role(role).label, parts) for role, parts in row.by_role.items()],
        "similar": similar_to(project.network_id, project.pk),
        "letters": LETTERS,
    }


def _matrix_row(pk: int, audience: str, variant: str) -> Context:
    return _row(row_of(pk), audience, name="board-row")


def _table_line(pk: int, audience: str, variant: str) -> Context:
    return _row(row_of(pk), audience, name="board-line")


@once
def _network(pk: int) -> Network:
    return Network.objects.get(pk=pk)


def _news(pk: int, audience: str, variant: str) -> Context:
    network = _network(pk)
    news = [(change, sentence(change), address(change, network.slug)) for change in newest_of(pk)]
    return {"network": network, "news": [row for row in news if row[1]], "unled": unled(pk)}


def _tells_once(change: Change, pk: int, audience: str) -> bool:
    """What the board shows is told by its strip, which is always there; its list and rows say nothing twice."""
    return False


def _tells_news(change: Change, pk: int, audience: str) -> bool:
    return change.verb in NEWS_VERBS


def _canonical(name: str) -> Any:
    """Return the one way to write a variant; those of the other list are no variants of this one."""

    def canonical(variant: str) -> str:
        wanted = BoardFilter.parse(variant)
        return wanted.variant if wanted.region == name or not variant else f"{wanted.variant}#"

    return canonical


for _name in ("board", "board-of"):
    register(
        Region(
            _name,
            "workgroups/fragments/board.html",
            audiences.in_network,
            _list,
            canonical=_canonical(_name),
            tells=_tells_once,
        )
    )
_ROWS = {"board-row": _matrix_row, "board-line": _table_line}
for _name, _context in _ROWS.items():
    template = f"workgroups/fragments/{_name.replace('-', '_')}.html"
    register(Region(_name, template, audiences.of_project, _context, tells=_tells_once))
show_towns(of_member_town)
register(Region("board-news", "workgroups/fragments/board_news.html", audiences.in_network, _news, tells=_tells_news))
