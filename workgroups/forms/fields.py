"""Fields that several forms share."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.network.models import Membership

MAX_LINKS = 20
WITHOUT_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(?=[:/?#]|$)")


class PersonField(forms.ModelChoiceField):
    """A person with the town they act for, so that two officers can be told apart."""

    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.acts_for} – {obj.person}" if obj.acts_for else str(obj.person)


def day_field(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def checked_address(url: str) -> str:
    """Return a web address; raises ValidationError for everything that is not http or https."""
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise ValidationError(_("“%(line)s” is not a web address.") % {"line": url[:80]}) from None
    if len(url) > 500:
        raise ValidationError(_("A link may have at most 500 characters."))
    return url


class AddressField(forms.CharField):
    """A web address, http or https; as people type it, "kehl.de/vorlage" means https."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "autocomplete": "off"})
        super().__init__(required=False, max_length=500, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if WITHOUT_SCHEME.match(text):
            text = f"https://{text}"
        return checked_address(text) if text else ""


class LinksField(forms.CharField):
    """One address per line, a name may follow; cleaned to a list of {"url", "label"}."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Links"),
            required=False,
            max_length=12_000,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=gettext_lazy("One address per line, a name may follow after a space."),
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        named = (
            f"{link['url']} {link['label']}" if link["label"] not in link["url"] else link["url"] for link in value
        )
        return "\n".join(named)

    def clean(self, value: Any) -> list[dict[str, str]]:
        lines = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if len(lines) > MAX_LINKS:
            raise ValidationError(_("At most %(count)s links.") % {"count": MAX_LINKS})
        return [self._link(line) for line in lines]

    @staticmethod
    def _link(line: str) -> dict[str, str]:
        url, _space, label = line.partition(" ")
        return {"url": checked_address(url), "label": label.strip()[:120] or urlsplit(url).netloc}
