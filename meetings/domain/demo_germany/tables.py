"""Writing very many rows: keys are given out here, PostgreSQL copies them, SQLite gets them in one statement each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max

Row: TypeAlias = dict[str, Any]


class Table:
    """The rows of one model until they are written: values for the fields that are named, defaults for all others."""

    def __init__(self, model: type[models.Model], *given: str) -> None:
        fields = {field.name: field for field in model._meta.concrete_fields}
        key = model._meta.pk
        self.model = model
        self._named = given if key.name in given else ("pk", *given)
        self._own_keys = key.name not in given
        named = [key, *(fields[name] for name in given)] if self._own_keys else [fields[name] for name in given]
        others = [field for field in fields.values() if field not in named]
        made = model()
        self._rest = tuple(field.get_db_prep_save(field.pre_save(made, True), connection) for field in others)
        self._columns = [field.column for field in (*named, *others)]
        self._adapt = [(place, adapt) for place, field in enumerate(named) if (adapt := _adapter(field))]
        self._next = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1 if self._own_keys else 0
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> int:
        """Keep a row, its values in the order of the names; returns its key (0 where the key is one of the values)."""
        if not self._own_keys:
            self.rows.append(values)
            return 0
        pk = self._next
        self._next += 1
        self.rows.append((pk, *values))
        return pk

    def kept(self) -> Iterator[Row]:
        """Return the rows that are not written yet, each with its values by name."""
        return (dict(zip(self._named, row, strict=True)) for row in self.rows)

    @property
    def upcoming(self) -> int:
        """The key that the next row will have."""
        return self._next

    def write(self) -> int:
        """Write the rows that were kept, and return how many they were."""
        rows, self.rows = self.rows, []
        if rows:
            table, columns = _quoted(self.model._meta.db_table), ", ".join(map(_quoted, self._columns))
            _insert(table, columns, len(self._columns), (self._whole(row) for row in rows))
        return len(rows)

    def _whole(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self._adapt:
            return (*row, *self._rest)
        values = list(row)
        for place, adapt in self._adapt:
            if values[place] is not None:
                values[place] = adapt(values[place])
        return (*values, *self._rest)


def write_all(tables: Iterable[Table]) -> int:
    """Write the rows of all tables and let the database go on with the next key of each; returns how many they were."""
    tables = list(tables)
    written = sum(table.write() for table in tables)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [table.model for table in tables]):
            cursor.execute(statement)
    return written


def _insert(table: str, columns: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * width)
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(rows))  # noqa: S608


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


def _adapter(field: models.Field) -> Callable[[Any], Any] | None:
    """Return what makes a value of this field one that the database takes; None where it takes it as it is."""
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    if connection.vendor == "postgresql":
        return None
    adapters: dict[str, Callable[[Any], Any]] = {
        "DateTimeField": connection.ops.adapt_datetimefield_value,
        "DateField": connection.ops.adapt_datefield_value,
        "TimeField": connection.ops.adapt_timefield_value,
    }
    return adapters.get(field.get_internal_type())
