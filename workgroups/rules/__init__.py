"""Who may do what in groups, with projects and with action items: small predicates, one module per noun."""

from .action_item import (
    may_add_action,
    may_assign_to,
    may_read_action,
    may_read_log,
    may_reword_action,
    may_update_action,
)
from .group import BORN_MEMBERS, CHAIR, MEMBER, group_role, is_group_member, towns_needed
from .project import may_add_project, may_propose_part, may_read_projects, may_take_on, may_work_for

__all__ = [
    "BORN_MEMBERS",
    "CHAIR",
    "MEMBER",
    "group_role",
    "is_group_member",
    "may_add_action",
    "may_add_project",
    "may_assign_to",
    "may_propose_part",
    "may_read_action",
    "may_read_log",
    "may_read_projects",
    "may_reword_action",
    "may_take_on",
    "may_update_action",
    "may_work_for",
    "towns_needed",
]
