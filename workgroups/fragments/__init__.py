"""The live regions of groups, projects and action items, and the sentences of what happens to them."""

from . import (  # noqa: F401
    action_item,
    board,
    coverage,
    experience,
    group,
    intake,
    involvement,
    project,
    question,
    search,
    succession,
    work,
)
