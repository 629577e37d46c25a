"""The fields of a profile that are more than text: services, topic block, licence, money."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collab.network.models import german_sort_key
from workgroups import licences, ozg
from workgroups.queries.project import blocks_of

# Each line is a search; see domain.project.MOST_SERVICES.
MOST_LINES = 60
# How many services an ambiguous line is answered with.
CANDIDATES = 6
# 1.250 and 1,250,000 mean thousands, 1250,5 and 1250.50 cents: money has no third place behind the comma.
WITH_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,'])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d{1,2})?")
PLAIN = re.compile(r"\d+(?:[.,]\d{1,2})?")


class ServiceField(forms.CharField):
    """OZG services, one per line: by name, by number, or as the search writes them, "Geburtsurkunde (10098)".

    Cleaned to a list of their numbers in the catalogue's order.
    """

    widget = forms.Textarea(attrs={"rows": 3, "data-append-here": ""})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("Online services (OZG)"),
            required=False,
            max_length=10_000,
            help_text=gettext_lazy("Which services of the OZG catalogue it serves: one per line, by name or number."),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(ozg.line(ozg_id) for ozg_id in value)

    def clean(self, value: Any) -> list[int]:
        lines = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("At most %(count)s online services per project.") % {"count": MOST_LINES})
        errors, chosen = [], set()
        for text in lines:
            try:
                chosen.add(self._service(text))
            except ValidationError as wrong:
                errors.append(wrong)
        if errors:
            raise ValidationError(errors)
        return [ozg_id for ozg_id in ozg.catalogue() if ozg_id in chosen]

    @staticmethod
    def _service(text: str) -> int:
        """Return the number of the service that a line names; raises ValidationError with what it could mean."""
        key = text.rpartition("(")[2].rstrip(") ") if text.endswith(")") else text
        if key.isascii() and key.isdigit() and len(key) < 8 and int(key) in ozg.catalogue():
            return int(key)
        folded = german_sort_key(text)
        named = [s.ozg_id for s in ozg.catalogue().values() if german_sort_key(s.name) == folded]
        found = ozg.find(text[:200], CANDIDATES + 1)
        if len(named) == 1 or (not named and len(found) == 1):
            return named[0] if named else found[0].ozg_id
        if not found:
            raise ValidationError(_("“%(line)s” is not in the OZG catalogue.") % {"line": text[:80]})
        several = "; ".join(ozg.line(service.ozg_id) for service in found[:CANDIDATES])
        raise ValidationError(_("“%(line)s” fits several: %(several)s") % {"line": text[:80], "several": several})


class BlockField(forms.ChoiceField):
    """A topic block of the network; `current` stays to be chosen."""

    def __init__(self, network_id: int, current: str = "") -> None:
        blocks = blocks_of(network_id)
        gone = [] if not current or current in blocks else [(current, current)]
        choices = [("", gettext_lazy("None yet")), *blocks.items(), *gone]
        super().__init__(choices=choices, label=gettext_lazy("Topic block"), required=False)


class LicenceField(forms.CharField):
    """An SPDX identifier or expression; "proprietary" becomes LicenseRef-proprietary."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Licence"),
            required=False,
            max_length=80,
            widget=forms.TextInput(attrs={"list": "licences", "autocomplete": "off", "spellcheck": "false"}),
            help_text=gettext_lazy("As an SPDX identifier, for example EUPL-1.2; or: proprietary."),
        )

    def prepare_value(self, value: Any) -> Any:
        return _("proprietary") if value == licences.PROPRIETARY else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return licences.spdx(text, proprietary=_("proprietary"))
        except ValueError:
            message = _("This is no SPDX expression. Write for example: EUPL-1.2, or MIT OR Apache-2.0.")
            raise ValidationError(message) from None


class MoneyField(forms.CharField):
    """An amount in euros, as it is written in German or English; cleaned to a Decimal, None where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(required=False, max_length=20, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return money(value) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        text = re.sub(r"\s|€|EUR$", "", super().clean(value) or "")
        if not text:
            return None
        if not text.isascii() or not (WITH_THOUSANDS.fullmatch(text) or PLAIN.fullmatch(text)):
            raise ValidationError(_("Enter an amount such as 1250 or 1250,50."))
        whole, cents = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", text).groups()  # type: ignore[union-attr]
        amount = Decimal(re.sub(r"\D", "", whole) + "." + (cents or "0"))
        if amount >= 10**10:
            raise ValidationError(_("This amount is too large."))
        return amount.quantize(Decimal("0.01"))


def money(amount: Decimal) -> str:
    """Return the amount as it is written in the active language, whole euros without cents."""
    return number_format(amount, 0 if amount == amount.to_integral_value() else 2, force_grouping=True)
