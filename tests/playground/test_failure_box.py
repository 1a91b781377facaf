"""What a page says of a run that failed: once, with who said what, and what can be done about it in the same place."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground.engine.runner import OUR_MISTAKE
from playground.models import PromptExecution, Status
from playground.pages.presentation.execution import ExecutionView
from playground.pages.presentation.failure import LONG
from providers.errors import SENTENCE, Code
from providers.models import CatalogueModel
from providers.registry import shown_address
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service

HTMX = {"HX-Request": "true"}
FAULTS = {
    "fault-401": (Code.PROVIDER_AUTHENTICATION, "answered with 401"),
    "fault-400": (Code.PROVIDER_REFUSED, "answered with 400"),
    "fault-400-context": (Code.CONTEXT_WINDOW_EXCEEDED, "answered with 400"),
    "fault-404-model": (Code.MODEL_NOT_FOUND, "answered with 404"),
    "fault-429-spend-cap": (Code.PROVIDER_QUOTA, "answered with 429"),
    "fault-html": (Code.MALFORMED_RESPONSE, ""),
    "fault-cut-at-5": (Code.STREAM_CUT, ""),
}


async def box_of(mine: Browser, execution_id: str) -> tuple[str, str]:
    """The run's fragment, and the box of its failure."""
    page = (await mine.get(f"/executions/{execution_id}", headers=HTMX)).text
    found = re.search(r'<div class="notice notice-failed failure".*?Technical details', page, re.DOTALL)
    assert found
    return page, found[0]


async def failed(author: Person, model_id: str, **more: Any) -> str:
    """The id of a run that failed."""
    body = (await author.execute(model_id, **more)).body
    return str(body.get("execution_id") or body["id"])


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failure_is_told_once_with_who_said_what(
    author: Person, provider: str, service: Service, fault: str
) -> None:
    code, status = FAULTS[fault]
    mine = await in_database_thread(browser_of, author)
    execution_id = await failed(author, f"{provider}/{fault}@{uuid.uuid4().hex[:8]}")
    page, box = await box_of(mine, execution_id)
    assert page.count(SENTENCE[code].replace("'", "&#x27;")) == 1
    assert f"{service.simulator.url}/v1</code>" in box
    assert status in box
    assert f'name="rerun" value="{execution_id}"' in box
    assert page.count("data-again") == 1, "Retry stands once"
    assert "Good answer" not in page
    assert "sk-canary-1234" not in page


async def test_a_failure_offers_the_models_that_take_its_prompt(
    author: Person, provider: str, make_provider: MakeProvider
) -> None:
    mine = await in_database_thread(browser_of, author)
    other, refusing = [await in_database_thread(make_provider) for _ in range(2)]
    for name in ("small", "large"):
        facts = {"context_window": 100_000_000 if name == "large" else 8}
        await in_database_thread(CatalogueModel.objects.create, id=f"{other}/{name}", provider=other, overrides=facts)
    tall = {"provider": provider, "overrides": {"context_window": 90_000_000}}
    await in_database_thread(CatalogueModel.objects.create, id=f"{provider}/fault-400-context", **tall)
    parameters = {"fallback_models": [f"{refusing}/fault-401"]}
    _, box = await box_of(mine, await failed(author, f"{provider}/fault-401", parameters=parameters))
    assert f'value="{refusing}/fault-401"' not in box
    assert "Run with …" in box
    _, box = await box_of(mine, await failed(author, f"{provider}/fault-400-context"))
    assert f'value="{other}/large"' in box
    assert f'value="{other}/small"' not in box


async def test_a_failure_tells_when_it_may_be_tried_again(author: Person, provider: str) -> None:
    mine = await in_database_thread(browser_of, author)
    execution_id = await failed(author, f"{provider}/fault-429-absurd")
    _, box = await box_of(mine, execution_id)
    assert "It may be asked again in" in box
    assert box.count("UTC</time>") == 1
    assert "Try again after" not in box
    told = (await author.get(f"/api/executions/{execution_id}")).body["metadata"]["retry_at"]
    assert f'datetime="{told}"' in box


async def test_a_column_and_a_session_show_the_same_box(author: Person, provider: str) -> None:
    mine = await in_database_thread(browser_of, author)
    made = await author.post(
        "/api/comparisons",
        {"prompt": "x", "variants": [{"model_id": f"{provider}/fault-401"}, {"model_id": f"{provider}/echo"}]},
    )
    comparison = made.body
    run = next(each for each in comparison["executions"] if each["model_id"].endswith("fault-401"))
    for address in (
        f"/comparisons/{comparison['id']}/columns/0",
        f"/sessions/{run['session_id']}/runs/{run['id']}/feedback",
    ):
        answer = await mine.get(address, headers=HTMX)
        assert answer.status == 200, address
        assert 'class="notice notice-failed failure"' in answer.text
        assert "answered with 401" in answer.text
        assert f'name="rerun" value="{run["id"]}"' in answer.text


def view(code: str, message: str) -> ExecutionView:
    """A failed run's view."""
    fields = {"model_id": "nowhere/x", "request": {"prompt": "hello"}, "metadata": {}}
    return ExecutionView(PromptExecution(status=Status.FAILED, error_code=code, error_message=message, **fields))


def test_a_mistake_of_ours_is_not_said_to_be_the_providers() -> None:
    shown = view("provider_error", OUR_MISTAKE).failure
    assert shown is not None
    assert (shown.cause, shown.words, shown.address) == (OUR_MISTAKE, "", "")


@pytest.mark.parametrize(
    ("said", "status", "words", "is_quoted"),
    [
        ("It answered with 500: Out of order: 7", "500", "Out of order: 7", True),
        ("It answered with 500.", "500", "", True),
        ("It sent an error: overloaded", "", "overloaded", True),
        ("No bytes for 30 s.", "", "No bytes for 30 s.", False),
        ("", "", "", False),
    ],
)
def test_words_of_a_provider_are_told_from_ours(said: str, status: str, words: str, is_quoted: bool) -> None:
    shown = view("provider_error", f"{SENTENCE[Code.PROVIDER_ERROR]} {said}").failure
    assert shown is not None
    assert (shown.status, shown.words, shown.is_quoted, shown.is_long) == (status, words, is_quoted, False)
    assert view("provider_error", "x" * (LONG + 1)).failure.is_long  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@models.example.org:8443/v1/?key=secret#secret", "https://models.example.org:8443/v1"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("", ""),
        ("http://[", ""),
        ("no address", ""),
        ("http://host:port/", ""),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert shown_address(address) == shown
