"""Tests with real transactions empty all tables: the full-text index beside them follows."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from collab.search import index
from collab.search.index import Found
from collab.search.models import Entry
from collab.search.queries import find
from tests.conftest import make_cast


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_after_the_tables_were_emptied() -> None:
    cast = make_cast()
    index.put(*(Found(cast.network.pk, "project", number, "Parkraum") for number in range(3)))
    assert find(cast.kehl, "Parkraum").total == 3
    call_command("flush", interactive=False, verbosity=0)
    assert not Entry.objects.exists()
    cast = make_cast()
    assert find(cast.kehl, "Parkraum").total == 0
    index.put(Found(cast.network.pk, "project", 1, "Parkraum"))
    assert find(cast.kehl, "Parkraum").total == 1
