"""The live regions of experience handed on, and the sentences of what happens to reports and reuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collab.live import verbs
from collab.live.once import once
from collab.live.regions import Context, Region, register
from collab.network.models import Membership, Network
from workgroups.models import Project, Reuse
from workgroups.queries.experience import (
    balance_of,
    chain_of,
    earlier_reports,
    history_of_reuse,
    leading_town,
    missing_steps,
    newest_report,
    steps_of,
    takers_of,
)
from workgroups.queries.project import project_with_people

from . import audiences


def who_works(audience: str | None) -> str | None:
    """Officers and guides work for their towns (which ones, the browser shows); all others only read."""
    if audience is None:
        return None
    return "worker" if audience in (audiences.OFFICER, audiences.GUIDE) else "reader"


def of_project(membership: Membership, pk: int) -> str | None:
    return who_works(audiences.of_project(membership, pk))


def of_reuse(membership: Membership, pk: int) -> str | None:
    is_there = Reuse.objects.filter(pk=pk, involvement__project__network=membership.network_id).exists()
    return who_works(audiences.in_network(membership, membership.network_id)) if is_there else None


def of_network(membership: Membership, pk: int) -> str | None:
    """Everybody of the network sees the same: it is rendered once."""
    return "member" if audiences.in_network(membership, pk) else None


def project_reuse_context(pk: int, audience: str, variant: str) -> Context:
    project, report = project_with_people(pk), newest_report(pk)
    return {
        "project": project,
        "network": project.network,
        "lead": leading_town(pk),
        "report": report,
        "earlier": earlier_reports(pk) if report and report.number > 1 else [],
        "chain": chain_of(pk),
        "is_due": report is None and project.phase in Project.ONLINE,
        "is_proven": project.phase in Project.PROVEN,
        "may_work": audience == "worker",
    }


@once
def _reuse(pk: int) -> Reuse:
    rows = Reuse.objects.select_related("involvement__project__network", "involvement__municipality", "taken_from")
    return rows.get(pk=pk)


def reuse_context(pk: int, audience: str, variant: str) -> Context:
    reuse, steps = _reuse(pk), steps_of(pk)
    kept = [step for step in steps if not step.removed]
    is_open = reuse.involvement.until is None
    return {
        "reuse": reuse,
        "project": reuse.involvement.project,
        "network": reuse.involvement.project.network,
        "town": reuse.involvement.municipality,
        "steps": kept,
        "removed": [step for step in steps if step.removed],
        "done": sum(step.done_on is not None for step in kept),
        "missing": missing_steps(reuse),
        "takers": takers_of(reuse),
        "history": history_of_reuse(reuse),
        "report": newest_report(reuse.involvement.project_id),
        "may_work": audience == "worker" and is_open,
        "is_open": is_open,
    }


def balance_context(pk: int, audience: str, variant: str) -> Context:
    return {"network": Network.objects.get(pk=pk), "balance": balance_of(pk)}


register(Region("project-reuse", "workgroups/fragments/project_reuse.html", of_project, project_reuse_context))
register(Region("reuse", "workgroups/fragments/reuse.html", of_reuse, reuse_context))
register(Region("balance", "workgroups/fragments/balance.html", of_network, balance_context))

verbs.register(
    {
        "experience_written": _("%(town)s handed on its experience with “%(title)s”"),
        "experience_updated": _("%(town)s added to its experience report on “%(title)s”"),
        "reuse_begun": _("%(town)s made its checklist for “%(title)s”"),
        "reuse_changed": _("%(town)s recorded how its reuse of “%(title)s” goes"),
        "reuse_started": _("%(town)s started to introduce “%(title)s”"),
        "reuse_running": _("%(town)s has “%(title)s” in operation"),
        "reuse_given_up": _("%(town)s gave up the reuse of “%(title)s”"),
        "reuse_steps_added": _("%(town)s added to its checklist for “%(title)s”"),
        "reuse_step_done": _("%(town)s: “%(step)s” is done"),
        "reuse_step_open": _("%(town)s: “%(step)s” is open again"),
        "reuse_step_removed": _("%(town)s took “%(step)s” off its checklist"),
        "reuse_step_restored": _("%(town)s put “%(step)s” back on its checklist"),
    },
    {
        "experiencereport": "/n/{slug}/projects/{project}/",
        "reuse": "/n/{slug}/reuses/{pk}/",
        "reusestep": "/n/{slug}/reuses/{reuse}/",
    },
    quiet=[
        "reuse_begun",
        "reuse_changed",
        "reuse_steps_added",
        "reuse_step_done",
        "reuse_step_open",
        "reuse_step_removed",
        "reuse_step_restored",
    ],
    spoken={
        "experience_written": (_("Experience report on %(title)s"), _("{n} experience reports")),
        "reuse_running": (_("%(town)s has %(title)s in operation"), _("{n} projects reused")),
        # Whoever ticks sees it; the others need not hear each line.
        "reuse_step_done": (_("Done: %(step)s"), _("{n} steps done")),
    },
)
