"""What the coordinator says about an upload: what it holds, and which column is what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm, VersionForm
from workgroups.domain.intake import columns_of
from workgroups.models import Intake


class UploadForm(OnceForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What does it hold?"), choices=Intake.Kind.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV, the headings in the first row. At most 10,000 rows and 10 MB. "
            "First you see what would happen; nothing is brought in before that."
        ),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("This file is empty.")},
    )
    field_order = ["kind", "file"]

    def __init__(self, data: QueryDict | None, files: MultiValueDict[str, Any] | None, *, kind: str = "") -> None:
        super().__init__(data, files, initial={"kind": kind if kind in Intake.Kind else Intake.Kind.MUNICIPALITIES})


class ColumnsForm(VersionForm):
    """For each field the column that holds it."""

    def __init__(self, data: QueryDict | None, *, intake: Intake) -> None:
        super().__init__(data, initial={"version": intake.version})
        choices = [
            ("", _("– not in this file –")),
            *((str(i), _heading(i, text)) for i, text in enumerate(intake.header)),
        ]
        for column in columns_of(intake.kind):
            field = forms.ChoiceField(label=column.label, choices=choices, required=False)
            field.initial = str(intake.columns.get(column.name, ""))
            self.fields[column.name] = field

    @property
    def columns(self) -> dict[str, int]:
        """The chosen columns by field."""
        return {name: int(v) for name, v in self.cleaned_data.items() if name != "version" and v not in ("", None)}


def _heading(index: int, text: str) -> str:
    """Return a column as Excel names it: "C: Frist"."""
    letter = chr(65 + index) if index < 26 else f"{chr(64 + index // 26)}{chr(65 + index % 26)}"
    return f"{letter}: {text[:60]}" if text else letter
