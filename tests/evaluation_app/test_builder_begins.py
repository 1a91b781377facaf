"""What the builder's form holds before anybody typed into it."""

from __future__ import annotations

import re
import uuid

from foundation.database.threads import in_database_thread
from playground.models import PlaygroundDefaults
from tests.cast import Person
from tests.doors.browser import browser_of


def model_in(page: str) -> str:
    """What stands in the field of the tested model."""
    (field,) = re.findall(r'<input[^>]*id="model_id"[^>]*>', page)
    found = re.search(r'value="([^"]*)"', field)
    return found[1] if found else ""


async def begins_with(person: Person, model_id: str) -> None:
    """What the person's new prompts begin with."""
    await in_database_thread(PlaygroundDefaults.objects.create, user=person.user, model_id=model_id, parameters={})


async def test_a_new_test_begins_with_the_model_that_its_author_begins_with(author: Person, provider: str):
    mine = await in_database_thread(browser_of, author)
    ran = {"model_id": f"{provider}/echo", "prompt": "hello", "idempotency_key": uuid.uuid4().hex}
    assert (await mine.post("/executions", form=ran, headers={"HX-Request": "true"})).status == 200
    assert model_in((await mine.get("/evaluations/new")).text) == f"{provider}/echo"
    await begins_with(author, f"{provider}/json")
    assert model_in((await mine.get("/evaluations/new")).text) == f"{provider}/json"
    assert model_in((await mine.get(f"/evaluations/new?model_id={provider}/reasoning")).text) == f"{provider}/reasoning"


async def test_a_template_without_a_model_gets_one_and_one_with_a_model_keeps_it(author: Person, provider: str):
    mine = await in_database_thread(browser_of, author)
    wanted = f"{provider}/echo"
    await begins_with(author, wanted)
    body = {"name": "Builder", "category": "Tests", "prompt": "Say {{word}}"}
    without = (await author.post("/api/templates", body)).body["id"]
    page = (await mine.get(f"/evaluations/new?template={without}")).text
    assert model_in(page) == wanted
    assert "own, when empty" not in page
    own = f"{provider}/json"
    with_one = (await author.post("/api/templates", {**body, "name": "Builder 2", "model_id": own})).body["id"]
    page = (await mine.get(f"/evaluations/new?template={with_one}")).text
    assert model_in(page) == ""
    assert f"{own}, the template&#x27;s own, when empty" in page
