"""A year's decisions on one page for print: what belongs to each, in order, read-only, escaped."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from meetings.models import Decision
from tests.conftest import Cast

from .handed_out import decide, with_everything

WRITTEN = "<script>alert(1)</script><b>x</b>"


def page_of(client: Any, year: int) -> str:
    answer = client.get(reverse("year_print", args=["ortenau", year]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_all_decisions_of_the_year_in_order(cast: Cast, client_for: Any) -> None:
    first, second = with_everything(cast, decide(cast, "E-Akte")), decide(cast, "Parken")
    page = page_of(client_for(cast.mayor), first.year)
    headings = re.findall(r'<h2><span class="ref">([0-9-]+)</span>', page)
    assert headings == [first.reference, second.reference]
    for said in ("Rejected, 1 yes, 1 no, 1 abstention", "Yes: Kehl", "1 of 4 municipalities have adopted it."):
        assert said in " ".join(page.split())
    for decision in (first, second):
        assert f'href="#decision-{decision.reference}"' in page
        assert f'id="decision-{decision.reference}"' in page
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert "data-print" in main
    assert reverse("year_pdf", args=["ortenau", first.year]) in main


def test_what_people_wrote_is_text(cast: Cast, client_for: Any) -> None:
    decision = with_everything(cast, decide(cast, WRITTEN, WRITTEN))
    assert WRITTEN not in page_of(client_for(cast.mayor), decision.year)


def test_what_was_recorded_by_mistake_says_so(cast: Cast, client_for: Any) -> None:
    decision = decide(cast)
    Decision.objects.filter(pk=decision.pk).update(
        state="void", voided_at=decision.recorded_at, void_reason="Wrong item"
    )
    page = page_of(client_for(cast.mayor), decision.year)
    assert "Recorded by mistake" in page
    assert "Why it does not count: Wrong item" in page


def test_the_log_leads_to_it(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.mayor)
    assert "year_print" not in client.get(reverse("decision_log", args=["ortenau"])).content.decode()
    year = decide(cast).year
    page = client.get(reverse("decision_log", args=["ortenau"])).content.decode()
    for name in ("year_print", "year_pdf"):
        assert f'href="{reverse(name, args=["ortenau", year])}"' in page
