"""The live regions of a project's page, and the sentences of what happens to projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collab.live import verbs
from collab.live.models import Change
from collab.live.regions import Context, Region, register
from collab.live.verbs import local_date, sentence
from workgroups import licences, ozg
from workgroups.models import Project
from workgroups.queries.project import (
    PARTS,
    blocks_of,
    described,
    editor_towns,
    files_of_project,
    history_of_project,
    phase_changes,
    project_with_people,
    services_of,
)

from . import audiences

# So many steps of the history stand open; the others unfold.
NEWEST = 6
PART_NAMES = {
    "basics": _("Goal"),
    "services": _("Online services"),
    "product": _("Product and licence"),
    "cost": _("Cost"),
    "legal": _("Law and data protection"),
    "reuse": _("Lessons and conditions for reuse"),
    "contact": _("Contact"),
    "links": _("Links and files"),
}
MATURITY_NAMES = (
    _("0 – offline"),
    _("1 – information"),
    _("2 – form to download"),
    _("3 – online service"),
    _("4 – online transaction without paper"),
)


def _shared(pk: int, audience: str) -> Context:
    """Return what all regions of the page need: the project, and for whose people the buttons are."""
    project = project_with_people(pk)
    may_edit = audience in (audiences.COORDINATOR, audiences.OFFICER, audiences.GUIDE) and not project.joined_to_id
    return {
        "project": project,
        "network": project.network,
        "may_edit": may_edit,
        # The coordinator's buttons are for every project; the others are shown by the browser.
        "for_towns": "" if audience == audiences.COORDINATOR else " ".join(editor_towns(project)) or "-",
    }


def _head(pk: int, audience: str, variant: str) -> Context:
    shared = _shared(pk, audience)
    project = shared["project"]
    changes = phase_changes(pk)
    block = blocks_of(project.network_id).get(project.block, project.block)
    return {**shared, "block": block, "phase": changes[0] if changes else None, "phases": changes[::-1]}


def _profile(pk: int, audience: str, variant: str) -> Context:
    shared = _shared(pk, audience)
    project = shared["project"]
    says = described(project)
    return {
        **shared,
        "filled": [(part, PART_NAMES[part]) for part in says.filled],
        "empty": [(part, PART_NAMES[part]) for part in says.empty],
        "services": [ozg.catalogue()[ozg_id] for ozg_id in services_of(pk)],
        "maturity": None if project.maturity is None else MATURITY_NAMES[project.maturity],
        "licence": licences.readable(project.licence),
        "files": files_of_project(pk),
    }


@dataclass(frozen=True)
class Entry:
    """One line of the history, with the words that stood there before."""

    change: Change
    sentence: str
    before: list[tuple[Any, str]]


def _history(pk: int, audience: str, variant: str) -> Context:
    project = project_with_people(pk)
    blocks = blocks_of(project.network_id)
    told = ((change, sentence(change)) for change in history_of_project(pk))
    entries = [Entry(change, words, _before(change, blocks)) for change, words in told if words]
    return {"project": project, "network": project.network, "newest": entries[:NEWEST], "older": entries[NEWEST:]}


def _before(change: Change, blocks: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return what stood in the fields that a change replaced, as people read it; empty fields left out."""
    earlier = change.params.get("before")
    if not isinstance(earlier, dict) or not change.verb.startswith("project_"):
        return []
    rows = ((name, _readable(name, value, blocks)) for name, value in earlier.items())
    return [(FIELD_NAMES[name], words) for name, words in rows if words and name in FIELD_NAMES]


FIELD_NAMES = {
    **{
        name: getattr(Project._meta.get_field(name), "verbose_name", name)
        for name in ("phase", *(name for names in PARTS.values() for name in names if name != "ozg_ids"))
    },
    "since": _("since"),
    "ozg_ids": _("OZG services"),
}


def _readable(name: str, value: Any, blocks: dict[str, Any]) -> str:
    if value in (None, "", []):
        return ""
    if name == "ozg_ids":
        return "; ".join(ozg.line(ozg_id) for ozg_id in value)
    if name == "links":
        return "\n".join(f"{link['label']}: {link['url']}" for link in value)
    if name in ("since", "review_on"):
        return local_date(value)
    labels: dict[str, Any] = {"block": blocks, "phase": dict(Project.Phase.choices)}.get(name, {})
    words = licences.readable(str(value)) if name == "licence" else value
    return str(labels.get(value, words)) if labels else str(words)


register(Region("project-head", "workgroups/fragments/project_head.html", audiences.of_project, _head))
register(Region("project-profile", "workgroups/fragments/project_profile.html", audiences.of_project, _profile))
register(Region("project-history", "workgroups/fragments/project_history.html", audiences.of_project, _history))

_NEW = (_("New project: %(title)s"), _("{n} new projects"))
_PHASES = _("{n} projects in a new phase")
verbs.register(
    {
        "project_added": _("%(town)s entered the project “%(title)s”"),
        "project_basics": _("%(town)s reworded the project “%(title)s”"),
        "project_services": _("%(town)s named the online services of “%(title)s”"),
        "project_product": _("%(town)s described product and licence of “%(title)s”"),
        "project_cost": _("%(town)s described the cost of “%(title)s”"),
        "project_legal": _("%(town)s described law and data protection of “%(title)s”"),
        "project_reuse": _("%(town)s described lessons and conditions for reuse of “%(title)s”"),
        "project_contact": _("%(town)s named the contact of “%(title)s”"),
        "project_links": _("%(town)s changed the links of “%(title)s”"),
        "project_phase_idea": _("%(town)s: “%(title)s” is an idea since %(date)s"),
        "project_phase_planning": _("%(town)s: “%(title)s” is being planned since %(date)s"),
        "project_phase_pilot": _("%(town)s: “%(title)s” is in the pilot phase since %(date)s"),
        "project_phase_operation": _("%(town)s: “%(title)s” is in operation since %(date)s"),
        "project_phase_handed_on": _("%(town)s: “%(title)s” was handed on, %(date)s"),
        "project_phase_stopped": _("%(town)s: “%(title)s” was stopped, %(date)s"),
        "project_phase_dated": _("%(town)s added the day of a phase of “%(title)s”: %(date)s"),
        "project_file_added": _("%(town)s attached “%(file)s” to the project “%(title)s”"),
        "project_file_removed": _("%(town)s removed “%(file)s” from the project “%(title)s”"),
        "block_added": _("%(actor)s added the topic block “%(name)s”"),
    },
    {"project": "/n/{slug}/projects/{pk}/"},
    quiet=["project_phase_dated", "project_file_removed", "project_contact", "project_links"],
    spoken={
        "project_added": _NEW,
        **{
            f"project_phase_{phase}": (pgettext_lazy("spoken", "%(title)s is in a new phase"), _PHASES)
            for phase in Project.Phase.values
        },
    },
)
