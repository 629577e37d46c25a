"""Who may do what with questions to the network (Amtshilfe)."""

from __future__ import annotations

from collab.network.models import Membership
from workgroups.models import Answer, Question

from .project import WORKING, may_work_for


def may_ask(membership: Membership) -> bool:
    """Ask and answer: coordinator, officers and guides; mayors read."""
    return membership.ended_on is None and membership.role in WORKING


def may_edit_question(membership: Membership, question: Question) -> bool:
    """Reword it: the officers and guides of the town that asks; the coordinator's office its own."""
    if membership.network_id != question.network_id:
        return False
    if question.municipality_id:
        return may_work_for(membership, [question.municipality_id])
    return membership.is_coordinator and may_ask(membership)


def may_settle_question(membership: Membership, question: Question) -> bool:
    """Mark the solution, withdraw, open it again: who may reword it, and the coordinator."""
    is_coordinator = membership.is_coordinator and may_ask(membership) and membership.network_id == question.network_id
    return is_coordinator or may_edit_question(membership, question)


def may_edit_answer(membership: Membership, answer: Answer) -> bool:
    """Change the words: who wrote them, as long as they act for the same town."""
    author = answer.written_by
    is_author = (author.person_id, author.municipality_id) == (membership.person_id, membership.municipality_id)
    return is_author and author.network_id == membership.network_id and may_ask(membership)


def may_withdraw_answer(membership: Membership, answer: Answer) -> bool:
    is_coordinator = membership.is_coordinator and membership.network_id == answer.written_by.network_id
    return may_edit_answer(membership, answer) or (is_coordinator and may_ask(membership))
