"""The steps of an intake: uploaded, its columns chosen, brought in or dropped. Only the coordinator takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collab.files import clean_name
from collab.live.answers import Refused, Stale, need_new_form
from collab.live.log import record
from collab.network.access import need
from collab.network.domain.acting import lock_network
from collab.network.models import Invitation, Membership, Network
from workgroups import rules
from workgroups.models import Intake
from workgroups.tables import Unreadable, read_table

from .actions import Actions
from .columns import Column, guessed_columns
from .municipalities import Municipalities
from .people import People
from .plan import Kind, Outcome, Plan, plan_of
from .projects import Projects

KINDS: dict[str, type[Kind]] = {
    Intake.Kind.MUNICIPALITIES: Municipalities,
    Intake.Kind.PEOPLE: People,
    Intake.Kind.PROJECTS: Projects,
    Intake.Kind.ACTIONS: Actions,
}
# So many uploads may wait to be carried out at a time.
MOST_WAITING = 20


def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the fields that a table of this kind may hold."""
    return KINDS[kind].columns


def planned(*, intake: Intake, by: Membership) -> Plan:
    """Return what bringing in the table would do now."""
    return plan_of(KINDS[intake.kind](intake.network, by, intake.name), intake)


def upload_table(
    *, network: Network, kind: str, name: str, content: bytes, by: Membership, request_id: UUID | None = None
) -> Intake:
    """Read an uploaded table and keep its cells until it is carried out or dropped; its columns are guessed.

    Raises Refused where it cannot be read. The same form sent twice is one upload.
    """
    need(by.network_id == network.pk and rules.may_import(by))
    try:
        sheet = read_table(content, name)
    except Unreadable as why:
        raise Refused(str(why)) from None
    with transaction.atomic():
        network = lock_network(by=by)
        if request_id and (twin := Intake.objects.filter(request_id=request_id, uploaded_by=by).first()):
            return twin
        need_new_form(Intake, request_id)
        if Intake.objects.filter(network=network, state=Intake.State.UPLOADED).count() >= MOST_WAITING:
            raise Refused(_("Many uploads wait to be brought in already. Discard those that are not needed."))
        return Intake.objects.create(
            network=network,
            kind=kind,
            name=clean_name(name),
            sha256=hashlib.sha256(content).hexdigest(),
            header=sheet.header,
            rows=[[number, *cells] for number, cells in sheet.rows],
            columns=guessed_columns(columns_of(kind), sheet.header),
            uploaded_by=by,
            request_id=request_id,
        )


@transaction.atomic
def match_columns(*, intake: Intake, columns: Mapping[str, int], version: int, by: Membership) -> Intake:
    """Say which column holds which field; raises Stale where somebody else said otherwise since `version`."""
    intake = _waiting(intake, by)
    known = {column.name for column in columns_of(intake.kind)}
    wanted = {name: index for name, index in columns.items() if name in known and 0 <= index < len(intake.header)}
    if len(set(wanted.values())) < len(wanted):
        raise Refused(_("A column can hold one field only. Choose each column once."))
    if wanted == intake.columns:
        return intake
    if intake.version != version:
        raise Stale(intake)
    intake.columns, intake.version = wanted, intake.version + 1
    intake.save(update_fields=["columns", "version"])
    return intake


@transaction.atomic
def carry_out(*, intake: Intake, seal: str, by: Membership) -> tuple[Intake, list[tuple[Invitation, str]]]:
    """Bring in all of the table, or nothing; return it with the invitations to be mailed and the tokens of their links.

    `seal` names what was looked at. Raises Refused where something else would happen now, where a row is wrong, and
    where nothing would change. Twice is once.
    """
    network = lock_network(by=by)
    intake = _locked(intake, by)
    if intake.state == Intake.State.DONE:
        return intake, []
    _need_waiting(intake)
    kind = KINDS[intake.kind](network, by, intake.name)
    plan = plan_of(kind, intake)
    _need_possible(plan, seal, kind.most)
    lines = [line for line in plan.lines if line.outcome in (Outcome.NEW, Outcome.CHANGED)]
    try:
        regions = kind.carry_out(lines)
    except Stale:
        raise Refused(_changed_meanwhile()) from None
    intake.state, intake.done_at = Intake.State.DONE, timezone.now()
    # What was read is in the network now; the file's cells are not kept a second time.
    intake.outcome, intake.rows, intake.version = plan.counts, [], intake.version + 1
    intake.save(update_fields=["state", "done_at", "outcome", "rows", "version"])
    told = {"file": intake.name, "new": plan.counts["new"], "changed": plan.counts["changed"]}
    record(network, verb=f"intake_{intake.kind}", actor=by, obj=intake, regions=regions, params=told)
    return intake, getattr(kind, "invitations", [])


@transaction.atomic
def drop_intake(*, intake: Intake, by: Membership) -> Intake:
    """Discard an upload and its cells; twice is once. Raises Refused where it was brought in."""
    lock_network(by=by)
    intake = _locked(intake, by)
    if intake.state == Intake.State.DROPPED:
        return intake
    _need_waiting(intake)
    intake.state, intake.rows, intake.version = Intake.State.DROPPED, [], intake.version + 1
    intake.save(update_fields=["state", "rows", "version"])
    return intake


def _need_possible(plan: Plan, seal: str, most: int) -> None:
    if plan.missing:
        raise Refused(_("First say which column holds: %(fields)s.") % {"fields": ", ".join(plan.missing)})
    if plan.counts["wrong"]:
        raise Refused(_("Some rows are wrong. Correct them in the file and upload it again."))
    if not plan.touches:
        raise Refused(_("Everything in this file is in the network already."))
    if plan.touches > most:
        raise Refused(_("At most %(count)s rows can be brought in at a time. Split the file.") % {"count": most})
    if plan.seal != seal:
        raise Refused(_changed_meanwhile())


def _changed_meanwhile() -> str:
    return _("The network has changed since you looked at this. Load the page again and check what would happen now.")


def _waiting(intake: Intake, by: Membership) -> Intake:
    lock_network(by=by)
    intake = _locked(intake, by)
    _need_waiting(intake)
    return intake


def _locked(intake: Intake, by: Membership) -> Intake:
    need(rules.may_import(by) and by.network_id == intake.network_id)
    rows = Intake.objects.select_for_update(of=("self",), no_key=True).select_related("network")
    return rows.get(pk=intake.pk)


def _need_waiting(intake: Intake) -> None:
    if intake.state == Intake.State.DONE:
        raise Refused(_("This file was brought in already."))
    if intake.state == Intake.State.DROPPED:
        raise Refused(_("This upload was discarded. Upload the file again."))
