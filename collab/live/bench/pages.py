"""What a page costs: database queries with 1 and with 50 rows, and bytes over the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from collab.live.models import Change, Topic
from collab.network.models import Membership, Network, Person, Role

from .processes import AppServer, running
from .report import Report
from .world import make_item, make_meeting, make_network, make_town, make_viewer, model, officers_of, sign_in

FEW, MANY = 1, 50
FIRST_VISIT, LATER_PAGE, SCRIPTS = 250_000, 40_000, 45_000


@dataclass(eq=False)
class Rows:
    """A network in which every list has the same number of rows, and its coordinator."""

    network: Network
    chair: Membership
    pages: dict[str, list[Any]]

    def address(self, name: str) -> str:
        return reverse(name, args=[self.network.slug, *self.pages[name]])


def make_rows(count: int) -> Rows:
    """Make a network with `count` of everything that pages list."""
    network = make_network(f"rows-{count}")
    chair = make_viewer(network, Role.COORDINATOR, "de", 0).membership
    for number in range(count):
        make_viewer(network, Role.OFFICER, "de", number)
    today = timezone.localdate()
    meetings = [
        make_meeting(network, f"Sitzung {n}", today + timedelta(days=n), series=_series(network, chair, n), chair=chair)
        for n in range(count)
    ]
    held = make_meeting(network, "Jour fixe", today, state="open", opened_at=timezone.now(), chair=chair)
    items = [make_item(held, number) for number in range(count)]
    held.active_item = items[0]
    held.save()
    decisions = [_decision(items[0], chair, number) for number in range(count)]
    actions = [_action(items[0], chair, number) for number in range(count)]
    _changes(network, chair, items[0], count)
    own = {"meeting": held, "series": meetings[0].series, "item": items[0], "action_item": actions[0]}
    lists = ("home", "members", "meeting_list", "decision_log", "action_log")
    pages: dict[str, list[Any]] = {name: [] for name in lists} | {name: [obj.pk] for name, obj in own.items()}
    return Rows(network, chair, {**pages, "decision": [decisions[0].reference]})


def _series(network: Network, by: Membership, number: int) -> Any:
    group = officers_of(network)
    series = model("meetings.Series").objects.create(group=group, title=f"Reihe {number}", created_by=by)
    rhythm = {"frequency": "monthly_weekday", "weekday": 3, "nth": 3, "start_time": time(9, 30), "minutes": 90}
    model("meetings.SeriesRule").objects.create(series=series, starts_on=timezone.localdate(), **rhythm)
    return series


def _decision(item: Any, by: Membership, number: int) -> Any:
    return model("meetings.Decision").objects.create(
        network=item.meeting.network,
        year=timezone.localdate().year,
        number=number + 1,
        meeting=item.meeting,
        item=item,
        subject=item.title,
        wording="Die Kommunen führen die E-Akte gemeinsam ein.",
        mode="unanimous",
        decided_on=timezone.localdate(),
        recorded_by=by,
    )


def _action(item: Any, by: Membership, number: int) -> Any:
    action = model("workgroups.ActionItem").objects.create(
        network=item.meeting.network,
        group=item.meeting.group,
        title=f"Erfahrungsbericht {number}",
        municipality=make_town(item.meeting.network, number),
        person=by,
        due_on=timezone.localdate() + timedelta(days=number),
        created_by=by,
    )
    model("meetings.RecordedAction").objects.create(item=item, action_item=action)
    return action


def _changes(network: Network, by: Membership, item: Any, count: int) -> None:
    about = {"title": item.title, "meeting": item.meeting.title, "date": item.meeting.date.isoformat()}
    what = {"verb": "notes_saved", "object_type": "agendaitem", "object_id": item.pk, "params": about}
    Topic.objects.create(network=network, version=count)
    Change.objects.bulk_create(
        Change(network=network, version=n + 1, actor=by, actor_name=str(by), regions=[], **what) for n in range(count)
    )


def measure(folder: Path, report: Report) -> None:
    """Add the rows of the pages to the report."""
    few, many = make_rows(FEW), make_rows(MANY)
    for name in many.pages:
        try:
            _queries(report, name, few, many)
        except NoReverseMatch:
            report.add("queries", name, "this page does not exist yet", good=False)
    with running(AppServer("daphne", folder)) as server:
        _weights(report, f"http://127.0.0.1:{server.port}", many)


def _queries(report: Report, name: str, few: Rows, many: Rows) -> None:
    counts, statuses = {}, set()
    for rows in (few, many):
        counts[rows], status = count_queries(rows.chair.person, rows.address(name))
        statuses.add(status)
    good = len(set(counts.values())) == 1 and statuses == {200}
    value = f"{counts[few]} with {FEW} row, {counts[many]} with {MANY}"
    if statuses != {200}:
        value += f"; answered {sorted(statuses)}"
    figures = {str(FEW): counts[few], str(MANY): counts[many]}
    report.add("queries", name, value, target="equal", good=good, figures=figures)


def count_queries(person: Person, address: str) -> tuple[int, int]:
    """Return the number of database queries of a page that was looked at before, and the status of its answer."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    client.get(address)  # notes the visit, fills what is kept in memory
    with CaptureQueriesContext(connection) as queries:
        status = client.get(address).status_code
    return len(queries), status


def _weights(report: Report, base: str, rows: Rows) -> None:
    cookie = sign_in([rows.chair.person])[0]
    headers = {"Accept-Encoding": "br, gzip", "Cookie": cookie}
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        home = rows.address("home")
        parts = _parts(client, home)
        total = sum(parts.values())
        listed = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in parts.items())
        _weight(report, "first visit (home)", total, FIRST_VISIT, listed)
        _weight(report, "JavaScript", parts["scripts"], SCRIPTS)
        for name in rows.pages:
            try:
                weigh(report, client, f"{name} ({MANY} rows)", rows.address(name))
            except NoReverseMatch as error:
                report.add("weight", name, f"{error}"[:60], good=False)


def weigh(report: Report, client: httpx.Client, name: str, address: str) -> None:
    """Add what a page weighs for a browser that has seen another one before."""
    try:
        _weight(report, name, _size(client, address)[0], LATER_PAGE)
    except httpx.HTTPStatusError as error:
        report.add("weight", name, f"{error}"[:60], good=False)


def _weight(report: Report, name: str, size: int, limit: int, parts: str = "") -> None:
    value = f"{size / 1000:.1f} KB" + (f" ({parts})" if parts else "")
    report.add("weight", name, value, target=f"<= {limit // 1000} KB", good=size <= limit, figures={"bytes": size})


def _size(client: httpx.Client, address: str) -> tuple[int, str]:
    """Return the bytes of an answer as they came over the wire, headers included, and its text."""
    answer = client.get(address).raise_for_status()
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return head + answer.num_bytes_downloaded, answer.text


def _parts(client: httpx.Client, address: str) -> dict[str, int]:
    """Return what a browser without a cache loads for a page, by kind."""
    page, html = _size(client, address)
    parts = {"page": page, "styles": 0, "scripts": 0, "fonts": 0}
    for sheet in re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', html):
        size, css = _size(client, sheet)
        parts["styles"] += size
        for font in _fonts(css):
            parts["fonts"] += _size(client, urljoin(sheet, font))[0]
    for script in re.findall(r'<script[^>]+src="([^"]+)"', html):
        parts["scripts"] += _size(client, script)[0]
    return parts


def _fonts(css: str) -> list[str]:
    """Return the fonts that German and English text needs; other ranges are loaded where such a letter occurs."""
    fonts = []
    for face in re.findall(r"@font-face\s*\{[^}]*\}", css):
        ranges = re.search(r"unicode-range:\s*([^;}]+)", face)
        source = re.search(r'url\("?([^")]+\.woff2)"?\)', face)
        if source and (ranges is None or re.match(r"u\+(0000|00|0)(-|\?)", ranges[1].strip(), re.IGNORECASE)):
            fonts.append(source[1])
    return fonts
