"""Licences as SPDX names them: what the forms suggest, what is accepted, what people read."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy

PROPRIETARY = "LicenseRef-proprietary"
SUGGESTED = (
    "EUPL-1.2",
    "AGPL-3.0-or-later",
    "GPL-3.0-or-later",
    "GPL-2.0-or-later",
    "LGPL-3.0-or-later",
    "MPL-2.0",
    "Apache-2.0",
    "MIT",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "ISC",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
)
_TOKEN = re.compile(r"\(|\)|[A-Za-z0-9][A-Za-z0-9.\-]*\+?|\S")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*\+?")
_BY_LOWER = {name.lower(): name for name in (*SUGGESTED, PROPRIETARY)}
_WORDS = ("AND", "OR", "WITH")


def spdx(text: str, *, proprietary: str = "proprietary") -> str:
    """Return the SPDX expression that `text` is, known identifiers in their own spelling; empty for nothing.

    `proprietary` is the word for it in the reader's language. Raises ValueError for what has not the shape of an
    expression; whether an identifier exists is not checked, for SPDX adds new ones.
    """
    text = " ".join(text.split())
    if not text:
        return ""
    if text.casefold() in ("proprietary", proprietary.casefold()):
        return PROPRIETARY
    tokens = [token.upper() if token.upper() in _WORDS else token for token in _TOKEN.findall(text)]
    rest = _either(tokens)
    if rest:
        raise ValueError(text)
    spelled = " ".join(_BY_LOWER.get(token.lower(), token) for token in tokens)
    return spelled.replace("( ", "(").replace(" )", ")")


def _either(tokens: list[str]) -> list[str]:
    """Return what is left behind an expression: alternatives and combinations of licences."""
    rest = _one(tokens)
    while rest and rest[0] in ("AND", "OR"):
        rest = _one(rest[1:])
    return rest


def _one(tokens: list[str]) -> list[str]:
    if not tokens:
        raise ValueError("nothing")
    if tokens[0] == "(":
        rest = _either(tokens[1:])
        if not rest or rest[0] != ")":
            raise ValueError("open bracket")
        return rest[1:]
    _need_name(tokens[0])
    if tokens[1:2] == ["WITH"]:
        _need_name(tokens[2] if len(tokens) > 2 else "")
        return tokens[3:]
    return tokens[1:]


def _need_name(token: str) -> None:
    if token in _WORDS or not _NAME.fullmatch(token):
        raise ValueError(token)


def readable(expression: str) -> str:
    """Return the expression as people read it."""
    return expression.replace(PROPRIETARY, str(gettext_lazy("proprietary")))
