"""Pages of long lists: which rows stand on a page is settled before anything is joined to them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.db.models.sql.where import WhereNode

Row = TypeVar("Row", bound=Model)


def rows_between(rows: QuerySet[Row], first: int, last: int) -> list[Row]:
    """Return rows[first:last] in two queries: the keys, and then the rows with all that is joined to them.

    In one query PostgreSQL joins a dozen tables to everything that fits, sorts that and throws all but a page of it
    away (beyond `join_collapse_limit` it does not look for another order), so that a page costs what the list is long.
    """
    keys = list(rows.values_list("pk", flat=True)[first:last])
    few = rows.order_by()
    few.query.where = WhereNode()  # the keys say it all
    found = {row.pk: row for row in few.filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


class LatePaginator(Paginator):
    """Django's paginator for rows to which much is joined."""

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        found: Any = self.object_list
        return Page(rows_between(found, first, first + self.per_page), number, self)
