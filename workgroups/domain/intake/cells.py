"""What the cells of a row say: days, amounts, choices and names as people write them in German and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import override

from collab.network.models import german_sort_key

ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
GERMAN_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})")
# A day as Excel counts it, where the cell has lost its format: 20,000 is in 1954, 80,000 in 2119.
EXCEL_DAY = re.compile(r"[2-7]\d{4}")
FIRST_DAY_OF_EXCEL = date(1899, 12, 30)
FORMULA_ERRORS = ("#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#WERT!", "#BEZUG!", "#NV")
# What an export of ours puts before texts that would begin a formula.
NEUTRALISED = re.compile(r"'(?=[=+\-@\t\r])")
# ... and what it put in where another program would split the line.
INNER = re.compile(r"(?<=[;,\t\r\n])'(?=[=@]|[+\-][A-Za-z(])")


def fold(text: str) -> str:
    """Return the text as two are compared: case, umlauts and spaces do not count."""
    return " ".join(german_sort_key(text).split())


class Choices:
    """What may be chosen, found by what it is called: in German, in English, in the code, and by other words."""

    def __init__(self, pairs: Iterable[tuple[Any, Any]], more: Mapping[str, Any] | None = None) -> None:
        self._labels = [label for _value, label in pairs]
        self._by_name: dict[str, Any] = {fold(word): value for word, value in (more or {}).items()}
        for value, label in pairs:
            self._by_name[fold(str(value))] = value
            for language in ("de", "en"):
                with override(language):
                    self._by_name[fold(force_str(label))] = value

    def find(self, text: str) -> Any:
        """Return the value that the text names, None where it names none."""
        return self._by_name.get(fold(text))

    def __str__(self) -> str:
        return ", ".join(force_str(label) for label in self._labels)


class Cells:
    """The cells of one row by field. What cannot be understood becomes a problem; what is empty says nothing (None)."""

    def __init__(self, texts: Mapping[str, str], labels: Mapping[str, Any]) -> None:
        self._texts, self._labels = texts, labels
        self.problems: list[str] = []

    def wrong(self, name: str, why: str) -> None:
        self.problems.append(f"{self._labels[name]}: {why}" if name else why)

    def text(self, name: str, longest: int = 300, *, lines: bool = False) -> str | None:
        text = self._texts.get(name, "").strip()
        if not text:
            return None
        if text.startswith("=") or text in FORMULA_ERRORS:
            self.wrong(name, _("“%(cell)s” is a formula. Put in what it results in.") % {"cell": text[:40]})
            return None
        text = INNER.sub("", NEUTRALISED.sub("", text, count=1))
        text = text if lines else " ".join(text.split())
        if len(text) > longest:
            self.wrong(name, _("This is longer than %(count)s characters.") % {"count": longest})
            return None
        return text

    def need(self, name: str, longest: int = 300) -> str | None:
        before = len(self.problems)
        text = self.text(name, longest)
        if text is None and len(self.problems) == before:
            self.wrong(name, _("This is missing."))
        return text

    def day(self, name: str) -> date | None:
        return self._parsed(name, parsed_day, _("“%(cell)s” is no date. Write 31.12.2026 or 2026-12-31."))

    def amount(self, name: str) -> Decimal | None:
        return self._parsed(name, parsed_amount, _("“%(cell)s” is no amount. Write 1250 or 1.250,50."))

    def choice(self, name: str, choices: Choices) -> Any:
        why = _("“%(cell)s” is none of these: %(known)s.")
        return self._parsed(name, choices.find, why.replace("%(known)s", str(choices)))

    def email(self, name: str) -> str | None:
        return self._parsed(name, _address_of_mail, _("“%(cell)s” is no e-mail address."))

    def url(self, name: str) -> str | None:
        return self._parsed(name, _address_of_web, _("“%(cell)s” is no web address. It begins with https://."))

    def _parsed(self, name: str, parse: Callable[[str], Any], why: str) -> Any:
        text = self.text(name, 500)
        if text is None:
            return None
        value = parse(text)
        if value is None:
            self.wrong(name, why.replace("%(cell)s", text[:60]))
        return value


def parsed_day(text: str) -> date | None:
    """Return the day that a cell means, None where it means none."""
    try:
        if match := ISO_DAY.fullmatch(text):
            return _usual(date(int(match[1]), int(match[2]), int(match[3])))
        if match := GERMAN_DAY.fullmatch(text):
            year = int(match[3])
            return _usual(date(year + 2000 if year < 100 else year, int(match[2]), int(match[1])))
        if EXCEL_DAY.fullmatch(text) and text.isascii():
            return FIRST_DAY_OF_EXCEL + timedelta(days=int(text))
    except ValueError:
        pass
    return None


def _usual(day: date) -> date | None:
    return day if 1900 <= day.year <= 2199 else None


def parsed_amount(text: str) -> Decimal | None:
    """Return an amount in euros: 1.250,50 as well as 1,250.50 and 1250; None for what is none."""
    text = re.sub(r"\s|€|EUR|Euro|'", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d[\d.,]*", text) or not text.isascii():
        return None
    # The last mark with one, two or more than three digits behind it stands before the cents.
    match = re.fullmatch(r"([\d.,]*?)(?:[.,](\d{1,2}|\d{4,}))?", text)
    if match is None or re.search(r"[.,]\d{1,2}[.,]|[.,]$|[.,]{2}", text):
        return None
    whole = re.sub(r"[.,]", "", match[1])
    if len(whole) > 20:  # more digits than an amount can be rounded with
        return None
    amount = Decimal(f"{whole or 0}.{match[2] or 0}").quantize(Decimal("0.01"))
    return amount if amount < 10**10 else None


def _address_of_mail(text: str) -> str | None:
    text = text.removeprefix("mailto:").lower()
    try:
        validate_email(text)
    except ValidationError:
        return None
    return text if len(text) <= 254 else None


def _address_of_web(text: str) -> str | None:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        return None
    return text
