"""What is looked at in a network of the whole country: every list, one of each thing, and searches."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import NoReverseMatch, reverse

from collab.network.models import Network

from .world import model

# Who looks: the address before the host of the network, as `demo_germany` makes them.
OFFICE, OFFICER, MAYOR = "coordinator", "officer", "mayor"
# name, whose eyes, URL name, query
LISTS: tuple[tuple[str, str, str, str], ...] = (
    ("home", OFFICER, "home", ""),
    ("home of a mayor", MAYOR, "home", ""),
    ("mayor's page", MAYOR, "overview", ""),
    ("members", OFFICER, "members", ""),
    ("changes", OFFICE, "changes", ""),
    ("meetings", OFFICER, "meeting_list", ""),
    ("decisions", OFFICER, "decision_log", ""),
    ("decisions, far back", OFFICER, "decision_log", "?page=4"),
    ("decisions of a year", OFFICER, "decision_log", "?year={year}"),
    ("decisions on a topic", OFFICER, "decision_log", "?topic=administration"),
    ("decisions in force", OFFICER, "decision_log", "?state=in_force"),
    ("decisions of a town", OFFICER, "decision_log", "?town={town}"),
    ("decisions of a group", OFFICER, "decision_log", "?group={group}"),
    ("decisions with a word", OFFICER, "decision_log", "?q=Ausschreibung"),
    ("votes", OFFICER, "vote_list", ""),
    ("minutes", OFFICER, "minutes_list", ""),
    ("minutes for a mayor", MAYOR, "minutes_list", ""),
    ("minutes of a year", OFFICER, "minutes_list", "?year={year}"),
    ("minutes, approved", OFFICER, "minutes_list", "?state=approved"),
    ("minutes, drafts", OFFICER, "minutes_list", "?state=draft"),
    ("minutes with a word", OFFICER, "minutes_list", "?q=fixe"),
    ("action items", OFFICER, "action_log", ""),
    ("action items, all", OFFICER, "action_log", "?state=all"),
    ("action items, done", OFFICER, "action_log", "?state=done"),
    ("action items, overdue", OFFICER, "action_log", "?state=overdue"),
    ("action items of a town", OFFICER, "action_log", "?town={town}"),
    ("action items with a word", OFFICER, "action_log", "?q=Leitfaden"),
    ("action board", OFFICER, "action_board", ""),
    ("board", OFFICER, "board", ""),
    ("board, one town", OFFICER, "board", "?town={town}"),
    ("coverage", OFFICER, "coverage", ""),
    ("service", OFFICER, "service", ""),
    ("questions", OFFICER, "question_list", ""),
    ("groups", OFFICER, "group_list", ""),
    ("imports", OFFICE, "intake_list", ""),
    ("search: a word of every text", OFFICER, "search", "?q=kommunen"),
    ("search: a common word", OFFICER, "search", "?q=ausschreibung"),
    ("search: two words", OFFICER, "search", "?q=gemeinsame+ausschreibung"),
    ("search: a beginning", OFFICER, "search", "?q=erf"),
    ("search: a rare word", OFFICER, "search", "?q=hundesteuer+forstamt"),
    ("search: nothing", OFFICER, "search", "?q=quastenflosser"),
    ("search: one kind, page 2", OFFICER, "search", "?q=kommunen&kind=decision&page=2"),
    ("search: in minutes", MAYOR, "search", "?q=schnittstellen&kind=minutes"),
    ("search: votes by circulation", OFFICER, "search", "?q=kommunen&kind=vote"),
    ("search: a number", OFFICER, "search", "?q={reference}"),
    ("API: decisions", OFFICER, "api_decisions", ""),
    ("API: meetings", OFFICER, "api_meetings", ""),
    ("API: minutes", OFFICER, "api_minutes_list", ""),
    ("API: action items", OFFICER, "api_action_items", ""),
    ("API: projects", OFFICER, "api_projects", ""),
    ("API: groups", OFFICER, "api_groups", ""),
)
# One of each thing: name, whose eyes, URL name, which thing, query.
THINGS: tuple[tuple[str, str, str, str, str], ...] = (
    ("decision", OFFICER, "decision", "reference", ""),
    ("decision for a mayor", MAYOR, "decision", "reference", ""),
    ("meeting, closed", OFFICER, "meeting", "held", ""),
    ("meeting, planned", OFFICER, "meeting", "planned", ""),
    ("minutes of the last meeting", OFFICER, "minutes", "held", ""),
    ("minutes of a meeting, finalised", OFFICER, "minutes", "minuted", ""),
    ("minutes of a meeting for a mayor", MAYOR, "minutes", "minuted", ""),
    ("minutes of a meeting, as data", OFFICER, "api_minutes", "minuted", ""),
    ("meeting, minutes finalised", OFFICER, "meeting", "minuted", ""),
    ("preparation", OFFICE, "meeting_preparation", "planned", ""),
    ("wall", OFFICE, "meeting_wall", "planned", ""),
    ("series", OFFICER, "series", "series", ""),
    ("item", OFFICER, "item", "item", ""),
    ("action item", OFFICER, "action_item", "action", ""),
    ("group", OFFICER, "group", "group", ""),
    ("plenum", OFFICER, "group", "plenum", ""),
    ("project", OFFICER, "project", "project", ""),
)
SERVICE = 10000


def pages_of(slug: str) -> list[dict[str, str]]:
    """Return name, address and reader of each page of that network; those that do not exist (yet) without address."""
    network = Network.objects.get(slug=slug)
    things = _things(network)
    pages = [(name, who, url, [SERVICE] if url == "service" else [], query) for name, who, url, query in LISTS]
    pages += [(name, who, url, [things[what]], query) for name, who, url, what, query in THINGS]
    host = f"germany-{slug}.example"
    return [
        {"name": name, "by": f"{who}@{host}", "address": _address(url, [slug, *args], query.format(**things))}
        for name, who, url, args, query in pages
    ]


def _address(url: str, args: list[Any], query: str) -> str:
    try:
        return reverse(url, args=args) + query
    except NoReverseMatch:
        return ""


def _busiest(network: Network) -> str:
    """Return the town with the most open action items: its lists are never empty."""
    actions = model("workgroups.ActionItem").objects.filter(network=network, state__in=("open", "in_progress"))
    towns = actions.values("municipality").annotate(count=Count("pk")).order_by("-count", "municipality")
    return str(towns[0]["municipality"])


def _things(network: Network) -> dict[str, Any]:
    """Return one of each thing: of the newest year, so that it looks alike however long the past is."""
    meetings = model("meetings.Meeting").objects.filter(network=network, series__isnull=False)
    held = meetings.filter(state="closed").latest("date")
    # The newest minutes are a draft as long as their meeting is a few days ago.
    versions = model("meetings.MinutesVersion").objects.filter(network=network, chain=f"series:{held.series_id}")
    decision = held.decisions.order_by("number").first()
    groups = model("workgroups.Group").objects.filter(network=network)
    return {
        "held": held.pk,
        "minuted": versions.latest("position").minutes.meeting_id,
        "planned": meetings.filter(state="planned").earliest("date").pk,
        "series": held.series_id,
        "item": decision.item_id,
        "reference": decision.reference,
        "year": decision.year,
        "town": _busiest(network),
        "action": held.items.exclude(recorded_actions=None).first().recorded_actions.first().action_item_id,
        "group": groups.get(kind="officers").pk,
        "plenum": groups.get(kind="plenum").pk,
        "project": model("workgroups.Project").objects.filter(network=network).order_by("title").first().pk,
    }
