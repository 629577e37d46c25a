"""What carries a decision out: links to action items and projects, and how these stand."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import last_actor, record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from meetings.models import CarriedOut, Decision
from meetings.queries.carrying_out import leads_of
from meetings.rules.decision import may_run
from workgroups.domain.action_item import add_action_item
from workgroups.domain.group import locked_group
from workgroups.models import ActionItem, Project
from workgroups.rules import may_update_action, may_work_for

from .adoption import locked_decision
from .decision_regions import of_preparation


@transaction.atomic
def link_action(*, decision: Decision, action: ActionItem, by: Membership) -> CarriedOut:
    """Say that an action item of the network carries the decision out; linked already, it stays so."""
    decision = _to_carry_out(decision, by)
    need(action.network_id == decision.network_id)
    return _linked(decision, by, action_item=action)


@transaction.atomic
def link_project(*, decision: Decision, project: Project, due_on: date | None, by: Membership) -> CarriedOut:
    """Say that a project of the network carries the decision out, and until when; linked already, it stays so."""
    decision = _to_carry_out(decision, by)
    need(project.network_id == decision.network_id)
    return _linked(decision, by, project=project, due_on=due_on)


@transaction.atomic
def add_work(*, decision: Decision, by: Membership, request_id: UUID | None, **values: Any) -> CarriedOut:
    """Write down a new action item that carries the decision out; `values` are those of `add_action_item`.

    No town is made responsible by another: who is not one's own is asked (`ask`). Sent twice, it is added once.
    """
    if group := values.get("group"):
        locked_group(group.pk)  # before the decision, as whoever enters a step of its life
    decision = _to_carry_out(decision, by)
    regions = [region_id("decision-work", decision.pk)]
    action = add_action_item(network=decision.network, by=by, request_id=request_id, regions=regions, **values)
    return _linked(decision, by, action_item=action)


@transaction.atomic
def unlink(*, link: CarriedOut, by: Membership) -> CarriedOut:
    """Take a link off that was set by mistake: the action item or project itself stays. Twice is once."""
    decision = locked_decision(link.decision)
    need(may_run(by, decision))
    link = _fresh(link)
    if link.removed_at is None:
        link.removed_at = timezone.now()
        link.version += 1
        link.save(update_fields=["removed_at", "version"])
        _tell(decision, link, "decision_work_unlinked", by)
    return link


@transaction.atomic
def report_work(
    *,
    link: CarriedOut,
    due_on: date | None,
    delay: str,
    note: str,
    done_on: date | None,
    version: int,
    by: Membership,
) -> CarriedOut:
    """Say until when, why it is late, and what came of it. An action item keeps its own date and completion note:
    of those only the reason of the delay is written here.

    Raises Stale where somebody else wrote since `version`, Refused for a project done in the future or without a note.
    """
    decision = locked_decision(link.decision)
    link = _fresh(link)
    need(may_report(link=link, decision=decision, by=by))
    values: dict[str, Any] = {"delay": delay}
    if link.project_id:
        values |= {"due_on": due_on, "note": note, "done_on": done_on}
    if all(getattr(link, name) == value for name, value in values.items()):
        return link
    if link.version != version:
        raise Stale(link, last_actor(decision, "decision_work_reported"))
    if link.removed_at:
        raise Refused(_("This is no longer linked to the decision."))
    if done_on and link.project_id:
        _need_done(done_on, note)
    for name, value in values.items():
        setattr(link, name, value)
    link.version += 1
    link.save(update_fields=[*values, "version"])
    is_done = link.project_id and done_on
    _tell(decision, link, "decision_work_done" if is_done else "decision_work_reported", by)
    return link


def may_report(*, link: CarriedOut, decision: Decision, by: Membership) -> bool:
    """Who runs the decision's group; the town in charge: of a project its lead, of an action item who may change it."""
    if may_run(by, decision):
        return True
    if link.action_item:
        return may_update_action(by, link.action_item)
    return may_work_for(by, leads_of(link.project_id or 0))


def _need_done(done_on: date, note: str) -> None:
    if done_on > timezone.localdate():
        raise Refused(_("This day is still to come. Enter the day on which it was done."))
    if not note.strip():
        raise Refused(_("Write a completion note: what came of it?"))


def _to_carry_out(decision: Decision, by: Membership) -> Decision:
    decision = locked_decision(decision)
    need(may_run(by, decision))
    if decision.is_void or not decision.carried:
        raise Refused(_("This decision does not count, so there is nothing to carry out."))
    return decision


def _linked(decision: Decision, by: Membership, **values: Any) -> CarriedOut:
    thing = {name: value for name, value in values.items() if name != "due_on"}
    there = CarriedOut.objects.filter(decision=decision, removed_at=None, **thing).first()
    if there:
        return there
    link = CarriedOut.objects.create(decision=decision, linked_by=by, **values)
    _tell(decision, link, "decision_work_linked", by)
    return link


def _fresh(link: CarriedOut) -> CarriedOut:
    return CarriedOut.objects.select_related("action_item__group", "project").get(pk=link.pk)


def _tell(decision: Decision, link: CarriedOut, verb: str, by: Membership) -> None:
    record(
        decision.network,
        verb=verb,
        actor=by,
        obj=decision,
        regions=[region_id("decision-work", decision.pk), *of_preparation(decision.group_id)],
        params={
            "reference": decision.reference,
            "subject": decision.subject,
            "title": link.action_item.title if link.action_item else link.project.title if link.project else "",
        },
    )
