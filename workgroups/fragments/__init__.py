"""The live regions of groups, projects and action items, and the sentences of what happens to them."""

from . import action_item  # noqa: F401
