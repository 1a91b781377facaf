"""A session's history with 100,000 executions: server time of a page, first and deep, with each filter.

Budget: 50 ms at p95. `python -m bench.history` needs nothing running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

from bench.export import EXECUTIONS, ROOT, fill, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

ROUNDS = 20
QUERIES: dict[str, dict[str, Any]] = {
    "first page": {},
    "by a common model": {"model_id": "openai/model-3"},
    "by a model nobody used": {"model_id": "openai/none"},
    "failed only": {"status": "failed"},
    "cancelled only (none)": {"status": "cancelled"},
    "cost above all": {"min_cost": "1"},
    "tag nobody used": {"tag": "none"},
    "template nobody used": {"template_id": UUID(int=1)},
}


def main() -> None:
    """Prints a line a query."""
    if sys.argv[1:] == ["measure"]:
        set_up()
        _measure()
        return
    folder = make_data_folder()
    with EmbeddedServers(folder) as servers:
        environment = {
            **os.environ,
            "PLAYGROUND_DATA_DIR": str(folder),
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
        for words in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "bench.history", "measure"]):
            subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True)


def _measure() -> None:
    from foundation.rest.cursor import Cursor
    from history.timeline import executions_of, history_page
    from playground.representation import execution_json
    from sessions_app.models import PlaygroundSession

    session = PlaygroundSession.objects.get(id=fill(EXECUTIONS))
    deep = executions_of(session, {}).order_by("created_at")[EXECUTIONS // 20]
    queries: dict[str, dict[str, Any]] = {**QUERIES, "deep page": {"cursor": str(Cursor(deep.created_at, deep.id))}}
    queries["search, common words"] = {"search": "quick fox"}
    queries["search, in vain"] = {"search": "zebra"}
    print(f"history of {EXECUTIONS:,} executions, pages of 50 with their texts; budget 50 ms at p95")
    for name, wanted in queries.items():
        taken = []
        for _ in range(ROUNDS if "vain" not in name else 3):
            began = time.perf_counter()
            page, _ = history_page(session, wanted)
            rows = [execution_json(each) for each in page.rows]
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        print(f"  {name:26} {len(rows):3} rows   p50 {taken[len(taken) // 2]:7.1f} ms   p95 {taken[-1]:7.1f} ms")


if __name__ == "__main__":
    main()
