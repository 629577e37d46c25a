"""The live regions of meetings and the sentences of what happens in them."""

from . import agenda, decisions, series  # noqa: F401
