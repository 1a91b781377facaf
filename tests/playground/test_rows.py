"""Several rows of values under the prompt: a run for each, beside its row, found again, and made a test."""

from __future__ import annotations

import re
import uuid
from html import unescape
from urllib.parse import quote

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import Ledger
from tests.waiting import until

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def rows(*values: dict[str, str], **more: str) -> dict[str, str]:
    """A form with rows of values."""
    told = {f"rows.{number}.{name}": value for number, row in enumerate(values) for name, value in row.items()}
    return {"prompt": "{{who}} in {{where}}", "idempotency_key": uuid.uuid4().hex, **told, **more}


async def ended(mine: Browser, address: str) -> str:
    """The page once nothing is under way."""

    async def there() -> str | None:
        page = await mine.get(address)
        assert page.status == 200
        return None if 'data-cancel="/together' in page.text else unescape(page.text)

    found: str = await until(there)
    return found


async def test_a_run_for_each_row_with_its_answer_beside(
    author: Person, stranger: Person, mine: Browser, provider: str, ledger: Ledger
) -> None:
    model = f"echo@{uuid.uuid4().hex[:8]}"
    blank = {"who": " ", "where": ""}
    form = rows(
        {"who": "Ada", "where": "Wien"}, blank, {"who": "Bob", "where": "two\r\nlines"}, model_id=f"{provider}/{model}"
    )
    begun = await mine.post("/executions", form=form)
    assert begun.status == 302
    address = begun.headers["Location"]
    assert address.startswith("/?rows=")
    page = await ended(mine, address)
    assert page.index("Ada in Wien") < page.index("Bob in two\nlines")
    assert "2 rows answered" in page
    # The form has the rows again.
    assert re.search(r'name="rows\.1\.where"[^>]*>\s*two\nlines</textarea>', page)
    assert len(await ledger.calls(model)) == 2
    assert (await mine.post("/executions", form=form)).headers["Location"] == address
    assert len(await ledger.calls(model)) == 2
    theirs = await in_database_thread(browser_of, stranger)
    assert (await theirs.get(address)).status == 404
    assert (await theirs.get(f"/rows/{address.partition('=')[2]}", headers=HTMX)).status == 404
    builder = unescape((await mine.get(f"/evaluations/new?rows={address.partition('=')[2]}")).text)
    assert 'who\twhere\texpected\nAda\tWien\nBob\t"two\nlines"' in builder
    assert "{{who}} in {{where}}" in builder


async def test_what_a_row_lacks_is_told_at_its_own_field(mine: Browser, provider: str, ledger: Ledger) -> None:
    model = f"echo@{uuid.uuid4().hex[:8]}"
    form = rows({"who": "Ada", "where": "Wien"}, {"who": "Bob", "where": ""}, model_id=f"{provider}/{model}")
    for headers in ({}, HTMX):
        refused = await mine.post("/executions", form=form, headers=headers)
        assert refused.status == 400
        assert re.search(r'id="error-rows1where"\s*>[^<]*\w', refused.text)
        assert not re.search(r'id="error-rows0where"\s*>[^<]*\w', refused.text)
        assert re.search(r'name="rows\.1\.who"[^>]*>\s*Bob</textarea>', refused.text)
    assert await ledger.calls(model) == []


async def test_rows_are_added_and_removed_with_what_they_hold(mine: Browser) -> None:
    form = {"prompt": "{{who}}", "variables.who": "Ada", "add_row": "1"}
    page = (await mine.post("/variables", form=form, headers=HTMX)).text
    assert re.search(r'name="rows\.0\.who"[^>]*>\s*Ada</textarea>', page)
    assert re.search(r'name="rows\.1\.who"[^>]*>\s*</textarea>', page)
    form = {"prompt": "{{who}}", "rows.0.who": "Ada", "rows.1.who": "Bob", "rows.2.who": "Cy", "remove_row": "1"}
    page = (await mine.post("/variables", form=form, headers=HTMX)).text
    assert re.search(r'name="rows\.1\.who"[^>]*>\s*Cy</textarea>', page)
    assert "rows.2." not in page
    form = {"prompt": "{{who}}", "rows.0.who": "Ada", "rows.1.who": "Bob", "remove_row": "0"}
    page = (await mine.post("/variables", form=form, headers=HTMX)).text
    assert re.search(r'name="variables\.who"[^>]*>\s*Bob</textarea>', page)
    odd = {"prompt": "{{who}}", "rows.0.who": "Ada", "rows.7777.who": "x", "remove_row": "²", "add_row": "1"}
    assert (await mine.post("/variables", form=odd, headers=HTMX)).status == 200
    many = {"prompt": "{{who}}", **{f"rows.{number}.who": "x" for number in range(60)}, "add_row": "1"}
    page = (await mine.post("/variables", form=many, headers=HTMX)).text
    assert "rows.49.who" in page
    assert "rows.50.who" not in page
    assert "Add a row" not in page


async def test_rows_and_repeat_are_not_mixed_and_all_rows_stop(mine: Browser, provider: str) -> None:
    form = rows({"who": "a", "where": "b"}, {"who": "c", "where": "d"}, model_id=f"{provider}/tokens-900-every-100ms")
    refused = await mine.post("/repeats", form={**form, "times": "3"})
    assert refused.status == 400
    assert "Repeat takes one row of values" in refused.text
    address = (await mine.post("/executions", form=form)).headers["Location"]
    whole = address.partition("=")[2]
    first = (await mine.get(f"/rows/{whole}", headers=HTMX)).text
    seen = re.search(r'"seen": "([^"]*)"', unescape(first))
    assert seen
    assert (await mine.get(f"/rows/{whole}?seen={quote(seen[1])}", headers=HTMX)).status == 204
    assert (await mine.post(f"/together/{whole}/stop", headers=HTMX)).status == 204
    assert "badge-cancelled" in await ended(mine, address)
