"""What was decided before decisions had a group of their own, a majority and a life."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery

PART = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    Decision, Meeting = apps.get_model("meetings", "Decision"), apps.get_model("meetings", "Meeting")
    of_meeting = Meeting.objects.filter(pk=OuterRef("meeting")).values("group")[:1]
    Decision.objects.filter(group=None).update(group=Subquery(of_meeting))
    # A tie rejects: more yes than no.
    rejected = Decision.objects.filter(mode="counted").exclude(Q(yes__gt=F("no")))
    rejected.update(carried=False, state="rejected")
    Decision.objects.exclude(voided_at=None).update(state="void")
    Decision.objects.filter(state_on=None).update(state_on=F("decided_on"))
    _first_steps(apps, Decision)


def _first_steps(apps: Any, Decision: Any) -> None:
    step = apps.get_model("meetings", "DecisionStep")
    rows = Decision.objects.filter(steps=None).order_by("pk").select_related("recorded_by__person")
    found = []
    for decision in rows.iterator(PART):
        name = decision.recorded_by.person.name
        found.append(
            step(
                decision=decision,
                number=1,
                kind=decision.state,
                on=decision.decided_on,
                reason=decision.void_reason,
                by_id=decision.recorded_by_id,
                by_name=name,
            )
        )
        if len(found) == PART:
            step.objects.bulk_create(found)
            found = []
    step.objects.bulk_create(found)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0004_votes_and_minutes")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
