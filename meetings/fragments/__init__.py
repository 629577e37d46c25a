"""The live regions of meetings and the sentences of what happens in them."""

from . import (  # noqa: F401
    agenda,
    circles,
    closing,
    decisions,
    ideas,
    of_group,
    people,
    search,
    sentences,
    series,
    succession,
    talk,
    wall,
    wording,
)
