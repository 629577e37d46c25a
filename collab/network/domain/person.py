"""What people set for themselves."""

from __future__ import annotations

from ..models import Person


def choose_language(*, person: Person, language: str) -> None:
    """Keep the language a person wants pages and mails in."""
    person.language = language
    person.save(update_fields=["language"])
