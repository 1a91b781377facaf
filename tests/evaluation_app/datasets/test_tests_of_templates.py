"""Tests that a file of templates holds: they become a dataset, once, and go when the import is taken back."""

from __future__ import annotations

from typing import Any

from evaluation_app.models import Dataset
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.templates_app.conftest import anonymous, author, provider, stranger

__all__ = ["anonymous", "author", "provider", "stranger"]

CONFIG = """
prompts: ["Answer: {{question}}", "Answer kindly: {{question}}"]
providers: [openai:gpt-4o]
tests:
- vars: {question: Where?}
  assert: [{type: icontains, value: here}]
- vars: {question: When?}
  assert: [{type: python, value: 'len(output) > 3'}]
"""


async def imported(person: Person, text: str, query: str = "") -> dict[str, Any]:
    """What the door answers."""
    answer = await person.post(
        f"/api/templates/import?{query}", data=text.encode(), headers={"Content-Type": "application/yaml"}
    )
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def datasets_of(person: Person) -> list[dict[str, Any]]:
    """Those that are in use."""
    return list((await person.get("/api/datasets")).body["results"])


async def test_tests_of_a_configuration_become_one_dataset(author: Person):
    rehearsed = await imported(author, CONFIG, "dry_run=true")
    first, second = rehearsed["entries"]
    assert "of 2 cases will be made" in first["handed"][0]
    assert second["handed"] == []
    assert any("are those of" in note for note in second["notes"])
    assert any("python" in note for note in first["notes"])
    assert await datasets_of(author) == []
    told = await imported(author, CONFIG)
    (made,) = await datasets_of(author)
    assert (made["template_id"], "of 2 cases was made" in told["entries"][0]["handed"][0]) == (
        told["entries"][0]["id"], True,
    )  # fmt: skip
    cases = (await author.get(f"/api/datasets/{made['id']}/cases")).body["results"]
    assert [each["input"] for each in cases] == [{"question": "Where?"}, {"question": "When?"}]
    assert (await author.post(f"/api/templates/import/{told['import_id']}/undo")).status == 200
    assert await datasets_of(author) == []
    assert await in_database_thread(Dataset.objects.filter(owner=author.user, archived=True).count) == 1


async def test_tests_that_do_not_hold_are_told_and_the_template_comes(author: Person):
    broken = CONFIG.replace("vars: {question: Where?}", "vars: [1]")
    told = await imported(author, broken)
    assert [each["action"] for each in told["entries"]] == ["create", "create"]
    assert any(note.startswith("Its tests are left out") for note in told["entries"][0]["notes"])
    assert await datasets_of(author) == []


async def test_tests_come_once_however_often_the_file_comes(author: Person):
    await imported(author, CONFIG)
    again = await imported(author, CONFIG)
    assert [each["action"] for each in again["entries"]] == ["skip", "skip"]
    assert len(await datasets_of(author)) == 1
