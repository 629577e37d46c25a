"""The live regions of meetings and the sentences of what happens in them."""

from . import agenda, circles, closing, decisions, ideas, of_group, people, search, sentences, series, talk, wall, wording  # noqa: F401
