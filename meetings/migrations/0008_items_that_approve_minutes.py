"""The standing item for the approval of the minutes was one for a decision, before minutes could be approved under it."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# As version 0.3 suggested it for a new series, in both languages; who gave it another name chooses the kind by hand.
TITLES = ("Approval of the last minutes", "Genehmigung des letzten Protokolls")


def turn(apps: Any, schema_editor: Any) -> None:
    lines = apps.get_model("meetings", "TemplateItem").objects.filter(kind="decision", title__in=TITLES)
    keys = list(lines.values_list("pk", flat=True))
    items = apps.get_model("meetings", "AgendaItem").objects.filter(template_item__in=keys, kind="decision")
    items.filter(meeting__state="planned", title__in=TITLES).update(kind="approval")
    lines.model.objects.filter(pk__in=keys).update(kind="approval")


class Migration(migrations.Migration):
    dependencies = [("meetings", "0007_result_told_by_mail")]
    operations = [migrations.RunPython(turn, migrations.RunPython.noop)]
