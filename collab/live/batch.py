"""From changes to encoded texts: what the hub's pump runs in its thread."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from .catch_up import News, news, rendered
from .log import FAR_BEHIND, version_of
from .models import Change
from .once import reading_once
from .regions import render

Viewer = tuple[str, str]
Wanted = dict[str, dict[str, set[Viewer]]]


@dataclass
class Batch:
    """All changes up to `version`: one encoded text per region, audience and language that somebody looks at."""

    version: int
    texts: dict[tuple[str, str, Viewer], str] = field(default_factory=dict)
    access: set[int] = field(default_factory=set)
    renders: int = 0
    too_far: bool = False


def render_batch(network_id: int, since: int, wanted: Wanted) -> Batch:
    """Return what changed after version `since`, rendered for those who look (`wanted`: base -> region -> viewers)."""
    batch = Batch(version_of(network_id))
    if batch.version - since > FAR_BEHIND:
        batch.too_far = True
        return batch
    changes = list(Change.objects.filter(network_id=network_id, version__gt=since, version__lte=batch.version))
    changes.reverse()
    batch.access = {person for change in changes for person in change.access}
    with reading_once():
        for base in dict.fromkeys(region for change in changes for region in change.regions):
            for region, viewers in wanted.get(base, {}).items():
                for viewer in viewers:
                    batch.texts[base, region, viewer] = _text(batch, region, viewer, changes)
    return batch


def _text(batch: Batch, region: str, viewer: Viewer, changes: list[Change]) -> str:
    audience, language = viewer
    html = rendered(lambda: render(region, audience, language), region)
    batch.renders += 1
    return encode_region(region, batch.version, html, news(changes, region, language, audience))


def encode_region(region: str, version: int, html: str | None, news: list[News]) -> str:
    """Return the message that brings a region to a browser; `gone` where there is nothing to see any more."""
    if html is None:
        return json.dumps({"t": "gone", "id": region})
    content = {"t": "region", "id": region, "v": version, "html": html, "news": news}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
