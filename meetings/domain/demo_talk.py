"""What the towns of the demo report: in the rounds of past meetings, and prepared for the next one."""

from __future__ import annotations

from datetime import timedelta

from collab.network.models import Membership, Network
from meetings.models import AgendaItem, Kind, Meeting, Report

from . import room
from .round import call_town, write_report

Texts = tuple[str, str, str]
# By meeting: town -> what is new, what it needs, what it offers.
PAST: list[dict[str, Texts]] = [
    {
        "Kehl": (
            "Die Online-Terminvergabe im Bürgerbüro läuft seit vier Wochen.",
            "",
            "Leitfaden und Checkliste zur Online-Terminvergabe",
        ),
        "Oberkirch": (
            "Das Bürgerbüro zieht im Frühjahr um.",
            "Erfahrungen mit der Terminvergabe, möglichst mit Aufrufanlage",
            "",
        ),
        "Achern": ("Die Scanstelle ist eingerichtet.", "", ""),
    },
    {
        "Achern": (
            "Zwei Fachbereiche arbeiten mit der E-Akte, der dritte folgt.",
            "",
            "Dienstanweisung und Aktenplan zur E-Akte\nVor-Ort-Termin in der Scanstelle",
        ),
        "Offenburg": ("Der Familienwegweiser ist online.", "", "Schulungsvideos für Redaktionen"),
        "Lahr/Schwarzwald": ("Die E-Akte ist beschlossen.", "Muster einer Dienstanweisung E-Akte", ""),
    },
    {
        "Kehl": (
            "Die Kita-Info-App ist in allen Einrichtungen angekommen.",
            "Textbausteine für die Datenschutzerklärung",
            "",
        ),
        "Offenburg": (
            "Relaunch der Website abgeschlossen.",
            "",
            "Geprüfte Datenschutzerklärung für Website und Apps\nHilfe beim Familienwegweiser",
        ),
        "Durbach": ("Neues WLAN im Rathaus.", "Familienwegweiser für kleine Gemeinden", ""),
    },
]
NEXT: dict[str, Texts] = {
    "Achern": (
        "Der dritte Fachbereich arbeitet mit der E-Akte.",
        "Beispiele für Serviceportal-Prozesse im Gewerbeamt",
        "Schulungsunterlagen zur E-Akte",
    ),
    "Oberkirch": (
        "Die Vergabe für die E-Akte läuft.",
        "Schulung der Beschäftigten zur E-Akte\nScanner mit Dauerleihe, möglichst bald",
        "Ausschreibungsunterlagen E-Akte",
    ),
    "Durbach": ("E-Payment ist im Gespräch.", "E-Payment ohne eigenes Kassenverfahren", ""),
    "Offenburg": ("E-Payment ist für 20 Leistungen freigeschaltet.", "", "Anbindung von E-Payment zeigen wir gern"),
}


def hold_round(meeting: Meeting, turn: int, by: Membership) -> None:
    """Let the towns report in the round of a meeting in session."""
    item = AgendaItem.objects.filter(meeting=meeting, kind=Kind.ROUND).first()
    if item is None:
        return
    meeting.refresh_from_db()
    room.activate_item(item=item, expected=meeting.active_item_id, by=by)
    called = None
    for officer, texts in _writers(meeting.network, PAST[turn]):
        _write(item, officer, texts)
        call_town(item=item, municipality=officer.municipality, expected=called, by=by)  # type: ignore[arg-type]
        called = officer.municipality_id


def prepare_round(meeting: Meeting) -> None:
    """Some towns have prepared for the round of the next meeting; nobody else reads it yet."""
    item = AgendaItem.objects.filter(meeting=meeting, kind=Kind.ROUND).first()
    if item is None:
        return
    for officer, texts in _writers(meeting.network, NEXT):
        _write(item, officer, texts)


def date_back_reports(meeting: Meeting) -> None:
    """Let the reports of a meeting be written and heard while its round lasted."""
    reports = list(Report.objects.filter(item__meeting=meeting).select_related("item").order_by("called_at"))
    for minute, report in enumerate(reports):
        report.written_at = report.called_at = (report.item.started_at or meeting.starts_at) + timedelta(minutes=minute)
    Report.objects.bulk_update(reports, ["written_at", "called_at"])


def _writers(network: Network, texts: dict[str, Texts]) -> list[tuple[Membership, Texts]]:
    officers = network.memberships.filter(role="officer", ended_on=None, municipality__short_name__in=texts)
    found = officers.select_related("municipality", "person").order_by("municipality__sort_key")
    return [(officer, texts[officer.municipality.short_name]) for officer in found if officer.municipality]


def _write(item: AgendaItem, officer: Membership, texts: Texts) -> None:
    news, needs, offers = texts
    town = officer.municipality
    if town:
        write_report(item=item, municipality=town, news=news, needs=needs, offers=offers, version=0, by=officer)
