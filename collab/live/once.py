"""What the renders of one change have in common is read from the database once, not once per audience and language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("reads_of_this_batch", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Let each read marked with `once` run a single time per arguments until the end of the block."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(read: Callable[P, R]) -> Callable[P, R]:
    """Mark a read of a region's context as the same for every audience and language.

    What it returns is shared by several templates: it must hold no translated text, and nobody may change it. Its
    arguments must be hashable. Outside `reading_once` it is an ordinary call.
    """

    @wraps(read)
    def shared(*args: P.args, **kwargs: P.kwargs) -> R:
        kept = _kept.get()
        if kept is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(kwargs.items()))
        if key not in kept:
            kept[key] = read(*args, **kwargs)
        return kept[key]

    return shared
