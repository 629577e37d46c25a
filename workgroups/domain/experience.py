"""The experience report of a project: what its lead hands on. Each saving is a version of its own."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from collab.live.answers import Refused, Stale
from collab.live.log import record
from collab.live.regions import region_id
from collab.network.access import need
from collab.network.models import Membership
from collab.search import index
from workgroups import rules
from workgroups.domain.project import locked_project
from workgroups.models import ExperienceReport, Project, Reuse
from workgroups.queries.entries import report_entry
from workgroups.queries.experience import leading_town

from .regions import of_project

TEXTS = ("took", "cost", "differently", "needed", "whom_to_call")


@transaction.atomic
def write_report(
    *,
    project: Project,
    by: Membership,
    took: str = "",
    cost: str = "",
    differently: str = "",
    needed: str = "",
    whom_to_call: str = "",
    version: int = 0,
) -> ExperienceReport:
    """Save the report as a new version and return it (the one that stands where nothing changed).

    `version` is the number the writer started from, 0 for the first; raises Stale where a newer one was written since.
    """
    project = locked_project(project)
    lead = leading_town(project.pk)
    if lead is None:
        raise Refused(_("Nobody leads this project now. The municipality that takes on the lead writes the report."))
    need(by.network_id == project.network_id and rules.may_work_for(by, [lead.pk]))
    texts = dict(zip(TEXTS, (took, cost, differently, needed, whom_to_call), strict=True))
    newest = project.reports.select_related("written_by__person", "written_by__municipality").first()
    if newest and all(getattr(newest, name) == text for name, text in texts.items()):
        return newest
    if version != (newest.number if newest else 0):
        raise Stale(newest or ExperienceReport(number=0), str(newest.written_by) if newest else "")
    if not any(text.strip() for text in texts.values()):
        raise Refused(_("Write down at least one thing that others can use."))
    number = newest.number + 1 if newest else 1
    report = ExperienceReport.objects.create(project=project, number=number, municipality=lead, written_by=by, **texts)
    index.put(report_entry(report))
    record(
        project.network,
        verb="experience_updated" if newest else "experience_written",
        actor=by,
        obj=report,
        regions=[*of_project(project, "reuse"), *_checklists(project)],
        params={"town": lead.short_name, "title": project.title, "project": project.pk, "number": number},
    )
    return report


def _checklists(project: Project) -> list[str]:
    """Return the checklists that are told what the new version asks for in addition."""
    reuses = Reuse.objects.filter(involvement__project=project, involvement__until=None)
    return [region_id("reuse", pk) for pk in reuses.values_list("pk", flat=True)]
