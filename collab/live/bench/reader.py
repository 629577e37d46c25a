"""A reader of one database, in a process of its own: `python -m collab.live.bench.reader`, a line of JSON for each.

Run with the settings of the database to look into. Asked with {"address": …, "by": e-mail, "times": n} it answers with
the number of queries, the status and the seconds of each turn; asked with {"network": slug} with the pages to look at.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import django


def main() -> None:
    django.setup()
    from .national import pages_of

    clients: dict[str, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"pages": pages_of(asked["network"])} if "network" in asked else read(clients, **asked)
        except Exception as error:  # whoever asked decides whether to go on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def read(clients: dict[str, Any], *, address: str, by: str, times: int, count: bool = False) -> dict[str, Any]:
    """Return what a page costs: seconds of so many turns, or the number of its queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from collab.network.models import Person

    if by not in clients:
        clients[by] = Client(SERVER_NAME="127.0.0.1")
        clients[by].force_login(Person.objects.get(email=by))
    client = clients[by]
    if count:
        client.get(address)  # notes the visit, fills what is kept in memory
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        return {
            "queries": len(queries),
            "status": answer.status_code,
            "sql": [(query["sql"], float(query["time"])) for query in queries],
            "bytes": len(answer.getvalue()),
        }
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(address)
        answer.getvalue()
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds, "status": answer.status_code}


if __name__ == "__main__":
    main()
