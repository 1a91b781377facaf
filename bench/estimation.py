"""How long an estimate of cost takes: `python -m bench.estimation`, on servers and data of its own.

300,000 executions of one person over a month, a third of them of a template, on ten models.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from bench.export import ROOT, set_up
from tests.servers.embedded import EmbeddedServers, make_data_folder

MADE = """
INSERT INTO prompt_executions (id, session_id, user_id, model_id, request, status, error_code, prompt_tokens,
    completion_tokens, estimated_cost, billing, metadata, created_at, ended_at, cancel_requested, last_event,
    template_version_id)
SELECT gen_random_uuid(), %s, %s, 'bench/model-' || n %% 10, repeat('x', 600)::bytea, 'completed', '', 1000,
    50 + n %% 400, 0.003, '{"details": {"cache_read_tokens": 400}, "lines": []}', '{"cached": false}',
    now() - n * interval '8 seconds', now(), false, 4, CASE WHEN n %% 3 = 0 THEN %s::uuid END
FROM generate_series(1, %s) AS n
"""
COUNT = 300_000
PROMPT = "Write a short letter about {{matter}}.\n" * 200


def main() -> None:
    """Prints seconds and what they came to."""
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
        for words in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "bench.estimation", "measure"]):
            subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True)


def _measure() -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from analytics.estimation.history import Reader
    from analytics.estimation.savings import savings_of
    from providers.catalogue.info import ModelInfo
    from providers.tokenizing import vocabulary
    from sessions_app.models import PlaygroundSession
    from templates_app.content import Content
    from templates_app.versions import lifecycle

    def memory() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    before = memory()
    measured(f"{len(PROMPT):,} characters counted, the first", lambda: vocabulary.count(PROMPT, "o200k_base"))
    measured("the same again", lambda: vocabulary.count(PROMPT, "o200k_base"))
    print(f"  {memory() - before} MB more than before")
    models = [ModelInfo(f"bench/model-{n}", f"model-{n}", "bench") for n in range(8)]
    user, other = (User.objects.create_user(name) for name in ("bench-estimation", "bench-other"))
    place = PlaygroundSession.objects.default_of(user)
    change = lifecycle.Change({"name": "Bench", "category": "c"}, Content("x"))
    template = lifecycle.create(owner=user, change=change)
    with connection.cursor() as cursor:
        cursor.execute(MADE, [place.id, user.id, template.version.id, COUNT])
        cursor.execute("ANALYZE prompt_executions")
    print(f"of {COUNT:,} executions, for 8 models")
    for whose, template_id in (("a person", None), ("a template", template.id)):
        reader = Reader(user, template_id=template_id, session_id=None, at=timezone.now())
        measured(f"calls of {whose}", lambda r=reader: {r.history_of(m.id).basis for m in models})  # type: ignore[misc]
        asked = {"template_id": template_id, "at": timezone.now(), "info_of": lambda _: models[0]}
        measured(f"last month of {whose}", lambda a=asked: savings_of(user, models, **a).calls)  # type: ignore[misc]
    stranger = Reader(other, template_id=None, session_id=None, at=timezone.now())
    measured("calls of everybody", lambda: {stranger.history_of(m.id).too_slow for m in models})


def measured(what: str, work: Callable[[], object]) -> None:
    """Runs it, and prints what it gave and how long it took."""
    began = time.perf_counter()
    found = work()
    print(f"  {what:36} {(time.perf_counter() - began) * 1000:8.1f} ms   {found}")


if __name__ == "__main__":
    main()
