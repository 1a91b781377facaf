"""The library with 5,000 templates: what a search takes over HTTP, as people type it, on the API and on the page.

Budget: 50 ms at p95. `python -m bench.library` needs nothing running.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
import urllib.request
from statistics import median
from urllib.parse import quote

from bench.export import set_up
from bench.service import ROOT, Service

TEMPLATES = 5_000
ROUNDS = 20
SEARCHES = (
    *("", "t", "tr", "translate", "customer email", "json output", "gpt-4.1", "v12", "zebra", "日本", "Ä1", "🚀"),
    *("the", "who is who", "the of and to in"),
)
DOORS = ("/api/templates", "/templates")


def main() -> None:
    """Prints a line a door and search."""
    if sys.argv[1:] == ["fill"]:
        set_up()
        _fill()
        return
    with Service() as service:
        subprocess.run([sys.executable, "-m", "bench.library", "fill"], cwd=ROOT, env=service.environment, check=True)
        print(f"library of {TEMPLATES:,} templates, over HTTP, one after the other; budget 50 ms at p95")
        for door in DOORS:
            everything: list[float] = []
            for search in SEARCHES:
                asked = f"?search={quote(search)}" if search else ""
                address = f"http://127.0.0.1:{service.port}{door}{asked}"
                taken = sorted(_seconds(address, service.headers) * 1000 for _ in range(ROUNDS))
                everything += taken
                print(f"  {door:15} {search or '(nothing)':18} {_figures(taken)}")
            print(f"  {door:15} {'all together':18} {_figures(sorted(everything))}")


def _figures(taken: list[float]) -> str:
    return f"p50 {median(taken):7.1f} ms   p95 {taken[len(taken) * 95 // 100 - 1]:7.1f} ms"


def _seconds(address: str, headers: dict[str, str]) -> float:
    request = urllib.request.Request(address, headers=headers)
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - began


def _fill() -> None:
    """Names and texts in the words of the starters, many alike, some with versions, scripts and accents."""
    from django.db import connection, transaction

    from accounts.models import User
    from templates_app.content import Content
    from templates_app.starter.library import starter_templates
    from templates_app.versions import lifecycle

    chance, starters = random.Random(1), list(starter_templates())
    words = [word for each in starters for word in (each.content.prompt + " " + each.description).split()]
    owner = User.objects.get(username="bench")
    with transaction.atomic():
        for number in range(TEMPLATES):
            starter = chance.choice(starters)
            ending = chance.choice(["", f" v{number}", " gpt-4.1", " 日本語の要約", f" Ä{number % 50}"])
            fields = {
                "name": " ".join(chance.sample(words, chance.randint(1, 4)))[:180] + ending,
                "category": starter.category,
                "description": " ".join(chance.sample(words, 30)),
                "tags": list(starter.tags),
            }
            prompt = starter.content.prompt + " " + " ".join(chance.sample(words, 200))
            content = Content(prompt=prompt, system_prompt=starter.content.system_prompt)
            lifecycle.create(owner=owner, change=lifecycle.Change(fields, content))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
