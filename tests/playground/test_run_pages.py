"""The playground's fragments, asked for without a script."""

from __future__ import annotations

import re
import uuid

from foundation.database.threads import in_database_thread
from providers.models import CatalogueModel
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.playground.conftest import MakeProvider
from tests.waiting import until

HTMX = {"HX-Request": "true"}


async def test_the_page_says_beforehand_and_afterwards_what_a_model_is_not_sent(
    author: Person, make_provider: MakeProvider
) -> None:
    mine = await in_database_thread(browser_of, author)
    slug = await in_database_thread(make_provider, "anthropic")
    model_id = f"{slug}/claude-opus-4-7"
    await in_database_thread(CatalogueModel.objects.create, id=model_id, provider=slug)
    page = (await mine.get(f"/parameters?model_id={model_id}", headers=HTMX)).text
    row = page[page.index('data-parameter="Temperature"') : page.index('data-parameter="Top p"')]
    assert "Claude from 4.7 on takes no temperature." in row
    assert "disabled" in row
    assert "range" not in row
    run = (await author.execute(model_id, parameters={"temperature": 0.5})).body
    shown = (await mine.get(f"/executions/{run['id']}", headers=HTMX)).text
    assert "Temperature: Claude from 4.7 on takes no temperature." in shown


async def test_a_run_that_ends_before_it_is_shown_has_all_that_an_ended_run_has(author: Person) -> None:
    mine = await in_database_thread(browser_of, author)
    await in_database_thread(CatalogueModel.objects.get_or_create, id="ollama/echo", defaults={"provider": "ollama"})
    form = {"model_id": "openai/fault-401", "prompt": "say this", "idempotency_key": uuid.uuid4().hex}
    first = (await mine.post("/executions", form=form, headers=HTMX)).text
    found = re.search(r'data-execution-id="([0-9a-f-]{36})"', first)
    assert found

    async def has_ended() -> bool:
        return bool((await author.get(f"/api/executions/{found[1]}")).body["status"] == "failed")

    await until(has_ended)
    # The same key is the same run: shown as it would have been, had it been quicker than its first fragment.
    shown = await mine.post("/executions", form=form, headers=HTMX)
    fragment = await mine.get(f"/executions/{found[1]}", headers=HTMX)
    for page in (shown, fragment):
        assert page.status == 200
        assert "Run with" in page.text


async def test_a_template_made_of_a_run_begins_with_its_values_for_samples(author: Person, provider: str) -> None:
    mine = await in_database_thread(browser_of, author)
    asked = {"prompt": "Answer {{customer}} on {{ticket}}", "variables": {"customer": "Ada", "ticket": "No sound"}}
    run = (await author.execute(f"{provider}/echo", **asked)).body
    page = (await mine.get(f"/executions/{run['id']}/template")).text
    samples = re.findall(r'name="variables\.\d+\.sample"[^>]*>\s*([^<]*)</textarea>', page)
    assert samples[:2] == ["Ada", "No sound"]
    assert re.findall(r'id="(\w+)"[^>]*\bautofocus', page) == ["name"]
