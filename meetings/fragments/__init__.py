"""The live regions of meetings and the sentences of what happens in them."""

from . import agenda, closing, decisions, ideas, people, sentences, series, talk, wall, wording  # noqa: F401
