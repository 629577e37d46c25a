"""Who does what: the groups of a network, their projects, and the action items people carry."""

from .action_item import ActionItem
from .group import Group, GroupMembership

__all__ = ["ActionItem", "Group", "GroupMembership"]
