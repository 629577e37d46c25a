"""Nobody is mailed the result of a vote that ended before there were such mails."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.utils import timezone


def mark(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("meetings", "VoteTown").objects.filter(vote__kind="circular", result_told_at=None)
    rows.exclude(vote__state="open").update(result_told_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("meetings", "0008_items_that_approve_minutes")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
