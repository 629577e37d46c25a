"""What can be found of groups, projects, questions and action items, and by whom."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.search import kinds
from collab.search.kinds import Kind
from workgroups.queries import entries

kinds.register(
    Kind("project", _("Projects"), "/n/{slug}/projects/{key}/", entries.all_projects),
    Kind("experience", _("Experience reports"), "/n/{slug}/projects/{key}/", entries.all_reports),
    Kind("question", _("Questions"), "/n/{slug}/questions/{key}/", entries.all_questions),
    Kind("group", _("Groups"), "/n/{slug}/groups/{key}/", entries.all_groups),
    Kind("action", _("Action items"), "/n/{slug}/action-items/{key}/", entries.all_actions),
)
kinds.register_circles(entries.circles_closed_to)
