"""A decision with everything that can be handed out with it, and what a PDF says when it is read back."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.utils import timezone
from pypdf import PdfReader

from meetings.domain.agenda import propose_item
from meetings.domain.closing import close_meeting
from meetings.domain.decision import record_decision
from meetings.domain.finalise import finalise
from meetings.domain.room import open_meeting
from meetings.models import Adoption, CarriedOut, Decision, DecisionStep, Meeting, MinutesVersion, Voice, Vote, VoteTown
from meetings.queries.minutes import minutes_of
from tests.conftest import TOWNS, Cast, involve, make_meeting, make_project
from workgroups.models import ActionItem

REASON = "Die Haushaltsmittel sind noch nicht bereitgestellt."


def in_session(cast: Cast, **more: Any) -> Meeting:
    """Return a meeting of today in session."""
    return open_meeting(meeting=make_meeting(cast, date=timezone.localdate(), **more), by=cast.coordinator)


def decide(cast: Cast, title: str = "E-Akte", wording: str = "Die E-Akte kommt.", **more: Any) -> Decision:
    """Return a decision recorded on an item of its own, in the meeting in session; opens one where there is none."""
    meeting = Meeting.objects.filter(network=cast.network, state="open").first() or in_session(cast)
    item = propose_item(meeting=meeting, by=cast.coordinator, title=title)
    decision = record_decision(item=item, wording=wording, mode="unanimous", by=cast.coordinator)
    if more:
        Decision.objects.filter(pk=decision.pk).update(**more)
    return Decision.objects.get(pk=decision.pk)


def with_everything(cast: Cast, decision: Decision) -> Decision:
    """Give the decision a vote with voices, steps, adoptions, an action item and a project that carry it out."""
    values = {"group": cast.group, "meeting": decision.meeting, "item": decision.item, "opened_by": cast.coordinator}
    vote = Vote.objects.create(
        network=cast.network, kind="open", state="closed", outcome="carried", decision=decision, **values
    )
    for name, answer, capacity in (("kehl", "yes", "own"), ("achern", "no", "proxy"), ("durbach", "abstain", "deputy")):
        town = cast.town(name)
        said = {"by": cast.kehl, "by_name": f"Officer of {town}", "town_name": str(town)}
        reason = REASON if answer == "no" else ""
        Voice.objects.create(vote=vote, municipality=town, answer=answer, capacity=capacity, reason=reason, **said)
    VoteTown.objects.bulk_create(VoteTown(vote=vote, municipality_id=ags) for ags in TOWNS.values())
    said = {"said_by": cast.kehl, "said_at": timezone.now()}
    paper = {"paper": "GR 2026/118", "paper_link": "https://ratsinfo.example/118"}
    Adoption.objects.create(decision=decision, municipality=cast.town("kehl"), state="adopted", **paper, **said)
    Adoption.objects.create(
        decision=decision, municipality=cast.town("achern"), state="declined", word="Eigene Lösung", **said
    )
    DecisionStep.objects.create(
        decision=decision, number=9, kind="corrected", on=date(2026, 5, 4), reason="Tippfehler", text="Berichtigt."
    )
    town = cast.town("durbach")
    action = ActionItem.objects.create(
        network=cast.network, title="Vertrag prüfen", municipality=town, due_on=date(2020, 1, 2)
    )
    project = make_project(cast.kehl, "Aktenplan")
    involve(project, cast.kehl)
    CarriedOut.objects.create(decision=decision, action_item=action, linked_by=cast.coordinator)
    CarriedOut.objects.create(
        decision=decision, project=project, due_on=date(2030, 1, 2), delay="Vergabe", linked_by=cast.coordinator
    )
    counts = {"mode": "counted", "yes": 1, "no": 1, "abstain": 1, "towns": 4, "present": 3, "needed": 3}
    Decision.objects.filter(pk=decision.pk).update(**counts, carried=False, state="rejected")
    return Decision.objects.get(pk=decision.pk)


def closed(cast: Cast, decision: Decision) -> Meeting:
    """Return the decision's meeting, closed: there is a draft of its minutes."""
    assert decision.meeting is not None
    close_meeting(meeting=decision.meeting, by=cast.coordinator)
    return Meeting.objects.get(pk=decision.meeting_id)


def finalised(cast: Cast, meeting: Meeting, reason: str = "") -> MinutesVersion:
    """Return the minutes of a closed meeting, finalised."""
    minutes = minutes_of(meeting)
    return finalise(minutes=minutes, by=cast.coordinator, version=minutes.version, reason=reason)


def joined(text: str) -> str:
    """Return the text with single spaces, words that were divided at the end of a line put together."""
    return " ".join(text.replace("\u2010\n", "").split())


class Read:
    """A PDF as a reader's program sees it."""

    def __init__(self, content: bytes) -> None:
        self.pdf = PdfReader(io.BytesIO(content))
        self.root: Any = self.pdf.trailer["/Root"]

    @property
    def pages(self) -> list[str]:
        return [page.extract_text() for page in self.pdf.pages]

    @property
    def text(self) -> str:
        """The text of all pages."""
        return joined(" ".join(self.pages))

    @property
    def xmp(self) -> str:
        return self.root["/Metadata"].get_data().decode()

    @property
    def tags(self) -> list[str]:
        """The names of all structure elements, in the order of reading."""
        found: list[str] = []
        waiting = [self.root["/StructTreeRoot"]]
        while waiting:
            element = waiting.pop().get_object()
            if not isinstance(element, dict):
                continue
            found += [str(element["/S"])] if "/S" in element else []
            kids = element.get("/K", [])
            waiting += reversed(list(kids) if isinstance(kids, list) else [kids])
        return found

    @property
    def links(self) -> list[str]:
        """The addresses outside of the document that it leads to."""
        notes = [note.get_object() for page in self.pdf.pages for note in page.get("/Annots", [])]
        return [str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})]

    def fonts(self) -> dict[str, bool]:
        """The fonts by name, and whether each is embedded."""
        found = {}
        for page in self.pdf.pages:
            for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr]
                font = font.get_object()
                inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
                files = set(inner["/FontDescriptor"].get_object()) & {"/FontFile", "/FontFile2", "/FontFile3"}
                found[str(font["/BaseFont"])] = bool(files)
        return found

    def outline(self) -> dict[str, int]:
        """The entries of the outline and the numbers of their pages, from 1."""
        found = {}
        waiting = list(self.pdf.outline)
        while waiting:
            entry = waiting.pop(0)
            if isinstance(entry, list):
                waiting = entry + waiting
            else:
                found[str(entry.title)] = (self.pdf.get_destination_page_number(entry) or 0) + 1
        return found
