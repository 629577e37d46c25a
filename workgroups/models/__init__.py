"""Who does what: the groups of a network, their projects and who took them on, and the action items people carry."""

from .action_item import ActionItem
from .experience import ExperienceReport, Reuse, ReuseStep
from .group import Admission, Group, GroupMembership
from .intake import Intake
from .involvement import Involvement, Offer
from .project import Block, PhaseChange, Project, ProjectService, ServiceStatus, TopicBlock
from .question import Answer, Question
from .shared_file import SharedFile

__all__ = [
    "ActionItem",
    "Admission",
    "Answer",
    "Block",
    "ExperienceReport",
    "Group",
    "GroupMembership",
    "Intake",
    "Involvement",
    "Offer",
    "PhaseChange",
    "Project",
    "ProjectService",
    "Question",
    "Reuse",
    "ReuseStep",
    "ServiceStatus",
    "SharedFile",
    "TopicBlock",
]
