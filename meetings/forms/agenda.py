from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.live.answers import OnceForm, Refused, VersionForm
from collab.network.models import Membership, Municipality, Role
from meetings.domain.files import check_file
from meetings.models import AgendaItem, Kind
from workgroups.forms.fields import PersonField
from workgroups.queries.group import active_towns, open_members

MAX_LINKS = 20
NOBODY = gettext_lazy("– nobody –")


class LinksField(forms.CharField):
    """One address per line, optionally followed by a name; cleaned to a list of {"url", "label"}."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> list[dict[str, str]]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MAX_LINKS:
            raise ValidationError(_("At most %(count)s links.") % {"count": MAX_LINKS})
        return [self._link(line) for line in lines]

    def prepare_value(self, value: Any) -> Any:
        return links_as_text(value) if isinstance(value, list) else value

    @staticmethod
    def _link(line: str) -> dict[str, str]:
        url, _space, label = line.partition(" ")
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError:
            raise ValidationError(_("“%(line)s” is not a web address.") % {"line": url[:80]}) from None
        if len(url) > 500:
            raise ValidationError(_("A link may have at most 500 characters."))
        return {"url": url, "label": label.strip()[:120] or urlsplit(url).netloc}


def links_as_text(links: list[dict[str, str]]) -> str:
    """Return what LinksField takes for these links."""
    named = (f"{link['url']} {link['label']}" if link["label"] not in link["url"] else link["url"] for link in links)
    return "\n".join(named)


class _ItemFields(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind, initial=Kind.DISCUSSION)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=600, initial=10)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=gettext_lazy("Presenting municipality"),
        required=False,
        empty_label=NOBODY,
    )
    presenter = forms.CharField(label=gettext_lazy("Presented by"), max_length=120, required=False)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    links = LinksField(
        label=gettext_lazy("Links"),
        max_length=12_000,
        required=False,
        help_text=gettext_lazy("One address per line, a name may follow after a space."),
    )

    def __init__(self, *args: Any, membership: Membership, any_town: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = active_towns(membership.network)
        self.fields["municipality"].queryset = towns if any_town else towns.filter(pk=membership.municipality_id)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the item's fields without the form's own."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("version", "request_id", "file")}


def _file_hint() -> str:
    limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
    return _("PDF, Office or OpenDocument, picture or text; up to %(limit)s MB.") % {"limit": limit}


class CheckedFileField(forms.FileField):
    """A file of an accepted type and size; what that is says the help text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("File"), max_length=400, help_text=lazy(_file_hint, str)(), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload:
            try:
                check_file(upload)
            except Refused as no:
                raise ValidationError(str(no)) from None
        return upload


class ProposeForm(_ItemFields, OnceForm):
    file = CheckedFileField(required=False)
    field_order = ["title", "kind", "minutes", "municipality", "presenter", "text", "links", "file"]


class EditItemForm(_ItemFields, VersionForm):
    @staticmethod
    def initial_of(item: AgendaItem) -> dict[str, Any]:
        fields = ("title", "kind", "minutes", "municipality", "presenter", "text", "version")
        return {**{name: getattr(item, name) for name in fields}, "links": item.links}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("A word why"),
        max_length=500,
        help_text=gettext_lazy("The proposing municipality reads it."),
    )


class NotesForm(VersionForm):
    notes = forms.CharField(
        label=gettext_lazy("Notes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class FileForm(forms.Form):
    file = CheckedFileField()


class PlaceForm(forms.Form):
    """Where an item was dropped."""

    parent = forms.IntegerField(required=False, min_value=1)
    before = forms.IntegerField(required=False, min_value=1)


class PeopleForm(VersionForm):
    chair = PersonField(Membership.objects.none(), label=gettext_lazy("Chair"), required=False, empty_label=NOBODY)
    minute_taker = PersonField(
        Membership.objects.none(), label=gettext_lazy("Minute-taker"), required=False, empty_label=NOBODY
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("chair", "minute_taker"):
            self.fields[name].queryset = open_members(by.network).exclude(role=Role.GUEST)  # type: ignore[attr-defined]
