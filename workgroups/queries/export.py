"""Reads: the lists as files have them. All rows of what a reader filtered, with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collab.network.models import Accession, Membership
from collab.network.queries import accessions_with_people, people_without_town
from workgroups.models import ActionItem
from workgroups.tables import Table

from .action_item import ActionFilter, birth_of, filtered_actions

Row = list[Any]


def action_table(network_id: int, wanted: ActionFilter) -> Table:
    """Return the action items of the log's tab and filters; one query."""
    header = [
        _("What is to be done"),
        _("Municipality"),
        _("Person"),
        _("Due"),
        _("Follow-up"),
        pgettext("action item", "State"),
        _("Project"),
        _("Group"),
        _("Meeting"),
        _("Note"),
        _("Completion note"),
        _("Finished on"),
    ]
    actions = filtered_actions(network_id, wanted).select_related("project")
    return Table(_("Action items"), header, (_action(action) for action in actions))


def _action(action: ActionItem) -> Row:
    born = birth_of(action)
    return [
        action.title,
        action.municipality or "",
        action.person.person.name if action.person else "",
        action.due_on,
        action.follow_up_on,
        action.get_state_display(),
        action.project or "",
        action.group or "",
        born.meeting if born else "",
        action.note,
        action.state_note,
        localtime(action.finished_at).date() if action.finished_at else None,
    ]


def member_table(network_id: int, today: date) -> Table:
    """Return the network's municipalities with the people who act for them, then coordination and guests; three
    queries.
    """
    header = [
        _("Municipality"),
        _("Official key"),
        _("Joined as"),
        _("Joined on"),
        _("Name"),
        _("Role"),
        _("E-mail"),
        _("Organisation"),
        pgettext("member", "Since"),
    ]
    return Table(_("Members"), header, _members(network_id, today))


def _members(network_id: int, today: date) -> Iterator[Row]:
    for accession in accessions_with_people(network_id, today):
        people = accession.municipality.people  # type: ignore[attr-defined]
        yield from ([*_town(accession), *_person(member)] for member in people or [None])
    for member in people_without_town(network_id):
        yield ["", "", "", None, *_person(member)]


def _town(accession: Accession) -> Row:
    town = accession.municipality
    return [town.short_name, town.ags, accession.get_standing_display(), accession.joined_on]


def _person(member: Membership | None) -> Row:
    if member is None:
        return ["", "", "", "", None]
    person = member.person
    return [person.name, member.get_role_display(), person.email, member.organisation, member.started_on]
