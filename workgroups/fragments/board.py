"""The live regions of the board."""

from __future__ import annotations

from collab.live.regions import Context, Region, register

from . import audiences


def _nothing(pk: int, audience: str, variant: str) -> Context:
    return {}


register(Region("board", "workgroups/fragments/board.html", audiences.in_network, _nothing))
register(Region("board-of", "workgroups/fragments/board_of.html", audiences.in_network, _nothing))
register(Region("board-row", "workgroups/fragments/board_row.html", audiences.of_project, _nothing))
register(Region("board-line", "workgroups/fragments/board_line.html", audiences.of_project, _nothing))
register(Region("board-news", "workgroups/fragments/board_news.html", audiences.in_network, _nothing))
