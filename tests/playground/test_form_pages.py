"""What the playground's form says before a run, asked for without a script: what it comes to, what a model does not
take side by side, what it may cost, and which model somebody gets who has chosen none.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from typing import Any

import pytest
import tiktoken
from django.conf import settings
from django.utils import timezone
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from playground.usage.answers import LEAST
from providers.line.shared import OPEN, RECENT, Shared
from providers.models import CatalogueModel
from providers.tokenizing import vocabulary
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import MakeProvider
from tests.playground.media import pdf, png
from tests.playground.uploads import uploaded

HTMX = {"HX-Request": "true"}
PRICED = {"input_per_million": 1, "output_per_million": 10, "max_output_tokens": 100}
THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
async def priced(provider: str) -> str:
    """A model at 1 and 10 USD a million tokens that writes a hundred."""
    model_id = f"{provider}/echo"
    await in_database_thread(CatalogueModel.objects.create, id=model_id, provider=provider, overrides=PRICED)
    return model_id


@pytest.fixture
def reference_tokens(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """What tiktoken itself counts for newer OpenAI models, out of the files that LiteLLM ships."""
    found = vocabulary._file("o200k_base")
    assert found is not None
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(found.parent))
    encoding = tiktoken.get_encoding("o200k_base")
    return lambda text: len(encoding.encode_ordinary(text))


def sent(*parts: dict[str, Any]) -> str:
    """Parts as the form's hidden field has them."""
    return json.dumps(list(parts))


def row_of(page: str, label: str) -> str:
    """A parameter's line."""
    return page.partition(f'data-parameter="{label}"')[2].partition("data-parameter=")[0]


def picked(page: str) -> str:
    """The model in the form."""
    found = re.search(r'id="model-id"\s+name="model_id"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def tokens_in(told: str) -> int:
    """The tokens that a forecast tells."""
    found = re.search(rf"([0-9{THIN}]+) tokens? in", told)
    assert found, told
    return int(found[1].replace(THIN, ""))


def range_in(told: str) -> tuple[float, float]:
    """The USD that a forecast tells, both ends."""
    found = re.search(r"(?:≈|&lt;) \$([0-9.]+) to \$([0-9.]+)", told)
    assert found, told
    return float(found[1]), float(found[2])


@pytest.fixture
def forecast(mine: Browser, priced: str) -> Callable[..., Awaitable[str]]:
    """What the form tells with these fields."""

    async def told(**fields: str) -> str:
        answer = await mine.post("/forecast", form={"model_id": priced, **fields}, headers=HTMX)
        assert answer.status == 200, answer.text
        return answer.text

    return told


# The mark around a message and before the answer, three tokens each, and the role.
AROUND = 3 + 3 + 1


async def test_the_forecast_counts_pictures_and_files(
    author: Person, stranger: Person, forecast: Callable[..., Awaitable[str]]
) -> None:
    async def told(*parts: dict[str, Any], prompt: str = "x" * 400) -> int:
        return tokens_in(await forecast(prompt=prompt, attachments=sent(*parts)))

    picture = {"type": "image", "artifact_id": await uploaded(author, png(1000, 750)), "media_type": "image/png"}
    paper = {"type": "file", "artifact_id": await uploaded(author, pdf(2)), "media_type": "application/pdf"}
    letter = {"type": "file", "artifact_id": await uploaded(author, b"a" * 800, "a.txt"), "media_type": "text/plain"}
    alone = await told()
    assert alone == 100 + AROUND
    # 1000 x 750 / 750 tokens; 2,500 a page; a quarter of the bytes.
    assert await told(picture) == alone + 1_000
    assert await told(picture, prompt="") == 1_000 + AROUND
    assert await told(paper) == alone + 5_000
    assert await told(letter) == alone + 200
    assert await told(picture, paper, letter) == alone + 6_200
    theirs = {**picture, "artifact_id": await uploaded(stranger, png(1000, 750, note=b"theirs"))}
    assert await told(theirs) == alone
    assert await told({"type": "image"}, {"odd": 1}) == alone
    assert "token" not in await forecast(prompt="")


async def test_the_forecast_is_a_range_of_cost(forecast: Callable[..., Awaitable[str]]) -> None:
    """1 and 10 USD a million tokens, a hundred tokens of answer at most."""
    assert range_in(await forecast(prompt="x" * 4_000)) == (0.0008, 0.0024)
    assert range_in(await forecast(prompt="x" * 4_000, **{"parameters.max_tokens": "20"})) == (0.0008, 0.0016)
    assert "5 times: ≈ $0.0041 to $0.0118" in await forecast(prompt="x" * 4_000, times="5")


async def test_the_forecast_goes_the_dearest_way_as_the_engine_does(mine: Browser, provider: str) -> None:
    """Input that is written to a cache, output that is reasoning, the rates of a length that is reached."""
    long = {"above_tokens": 1_000, "input_per_million": 100, "output_per_million": 10}
    prices = {**PRICED, "cache_write_per_million": 5, "reasoning_per_million": 20, "price_tiers": [long]}
    model_id = f"{provider}/echo"
    await in_database_thread(CatalogueModel.objects.create, id=model_id, provider=provider, overrides=prices)
    for length, dearest in ((400, 0.0028), (8_000, 0.2708)):
        form = {"model_id": model_id, "prompt": "x" * length}
        assert range_in((await mine.post("/forecast", form=form, headers=HTMX)).text)[1] == dearest


async def test_nine_of_ten_answers_end_the_range(
    author: Person, priced: str, forecast: Callable[..., Awaitable[str]]
) -> None:
    """The echo answers with what it is asked, in far fewer tokens than it may write."""
    may_be = range_in(await forecast(prompt="x" * 4_000))[1]
    for _ in range(LEAST):
        run = await author.execute(priced, "Hello", parameters={"cache": False})
        assert run.status == 200, run.body
    assert range_in(await forecast(prompt="x" * 4_000))[1] < may_be
    set_by_hand = await forecast(prompt="x" * 4_000, **{"parameters.max_tokens": "100"})
    assert range_in(set_by_hand)[1] == may_be


async def test_a_variable_of_two_thousand_words_is_counted(
    author: Person, forecast: Callable[..., Awaitable[str]]
) -> None:
    words = " ".join(["number"] * 2_000)
    form = {"prompt": "Sum up: {{text}}", "variables.text": words}
    told = tokens_in(await forecast(**form))
    assert told == -(-len(f"Sum up: {words}") // 4) + AROUND
    # What a run would be refused for does not keep the values from being counted.
    assert tokens_in(await forecast(**form, **{"parameters.temperature": "hot"})) == told
    missing = {**form, "prompt": "Sum up: {{text}}{{more}}"}
    assert tokens_in(await forecast(**missing)) >= told
    rows = {"prompt": form["prompt"], "rows.0.text": words, "rows.1.text": words}
    both = await forecast(**rows)
    assert tokens_in(both) == 2 * told
    assert "2 runs" in both


async def test_a_models_own_tokenizer_counts(mine: Browser, reference_tokens: Callable[[str], int]) -> None:
    for text in ("Say hello to everyone here.", "Größe und Maß, 契約の解除について", "x" * 400):
        form = {"model_id": "openai/gpt-4o", "prompt": text}
        told = (await mine.post("/forecast", form=form, headers=HTMX)).text
        assert "counted" in told
        assert tokens_in(told) == reference_tokens(text) + AROUND
    form |= {"parameters.response_format": "json_schema", "schema": '{"type": "object"}'}
    assert "estimated" in (await mine.post("/forecast", form=form, headers=HTMX)).text


async def test_the_forecast_counts_what_goes_along_from_elsewhere(
    author: Person, mine: Browser, priced: str, forecast: Callable[..., Awaitable[str]]
) -> None:
    picture = {"type": "image", "artifact_id": await uploaded(author, png(1000, 750)), "media_type": "image/png"}
    run = await author.execute(priced, [picture, {"type": "text", "text": "y" * 400}], parameters={"max_tokens": 1})
    assert run.status == 200, run.body
    form = {"prompt": "x" * 400, "parent_id": run.body["id"]}
    whole = tokens_in(await forecast(**form))
    assert 1_000 + 200 < whole < 1_000 + 200 + 50 + len(run.body["response"])
    # Also of a form that would be refused.
    assert tokens_in(await forecast(**form, **{"parameters.temperature": "hot"})) == whole
    shown = (await mine.get(f"/?execution={run.body['id']}")).text
    assert tokens_in(shown) == 1_100 + AROUND
    made = await author.post(
        "/api/templates",
        {"name": "T", "category": "x", "messages": [{"role": "user", "content": "z" * 400}, {"placeholder": "more"}]},
    )
    assert made.status == 201, made.body
    form = {"template_id": made.body["id"], "template_version": "1", "prompt": "z" * 400}
    form |= {"variables.more": json.dumps([{"role": "user", "content": "w" * 400}])}
    assert tokens_in(await forecast(**form)) == 200 + 3 + 2 * 4
    unfinished = {**form, "variables.more": "[", "parameters.temperature": "hot"}
    assert tokens_in(await forecast(**unfinished)) == 100 + AROUND


async def test_tools_are_counted(forecast: Callable[..., Awaitable[str]]) -> None:
    alone = tokens_in(await forecast(prompt="x" * 400))
    assert tokens_in(await forecast(prompt="x" * 400, **{"tools.calculator": "on"})) > alone + 20


async def test_a_picture_of_an_earlier_turn_is_why_a_model_is_not_asked(
    author: Person, mine: Browser, priced: str, provider: str
) -> None:
    blind = f"{provider}/blind"
    sees_nothing = {"capabilities": ["tools"]}
    await in_database_thread(CatalogueModel.objects.create, id=blind, provider=provider, overrides=sees_nothing)
    picture = {"type": "image", "artifact_id": await uploaded(author, png()), "media_type": "image/png"}
    run = await author.execute(priced, [picture, {"type": "text", "text": "Look."}])
    assert run.status == 200, run.body
    form = {"model_id": blind, "prompt": "And now?", "parent_id": run.body["id"]}
    for headers in ({}, HTMX):
        refused = await mine.post("/executions", form=form, headers=headers)
        assert refused.status == 400
        told = unescape(refused.text).partition("The run did not start.")[2]
        assert f"{blind} cannot see pictures." in told.partition("</div>")[0]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({}, {}),
        ({"top_p": "0.9"}, {}),
        ({"temperature": "0.5"}, {"Top p": "Claude 4.5 takes no top_p beside temperature."}),
        ({"temperature": "0.5", "top_p": "0.9"}, {"Top p": "Claude 4.5 takes no top_p beside temperature."}),
        (
            {"temperature": "0.5", "reasoning_effort": "low"},
            {
                "Temperature": "Claude 4.5 takes no temperature while it thinks (reasoning_effort).",
                "Top p": "Claude 4.5 takes no top_p while it thinks (reasoning_effort).",
            },
        ),
    ],
)
async def test_what_is_not_taken_side_by_side_is_grey_with_its_reason(
    mine: Browser, make_provider: MakeProvider, values: dict[str, str], refused: dict[str, str]
) -> None:
    slug = await in_database_thread(make_provider, "anthropic")
    model_id = f"{slug}/claude-sonnet-4-5"
    given = "".join(f"&parameters.{name}={value}" for name, value in values.items())
    single = (await mine.get(f"/parameters?model_id={model_id}{given}", headers=HTMX)).text
    columns = {"variants.0.model_id": model_id, "variants.1.model_id": model_id}
    columns |= {f"variants.1.parameters.{name}": value for name, value in values.items()}
    compared = (await mine.post("/compare", form=columns)).text
    second = compared[compared.index('id="variants-1-parameters"') :]
    for page in (single, second):
        for label in ("Temperature", "Top p", "Max tokens"):
            row = row_of(page, label)
            assert bool(re.search(r"\sdisabled[\s>]", row)) == (label in refused), (label, row)
            assert refused.get(label, "") in unescape(row)
        for name, value in values.items():
            assert f'value="{value}"' in page or f"selected>{value}" in page, name


async def test_what_a_run_may_cost_has_its_field(author: Person, mine: Browser, priced: str) -> None:
    page = (await mine.get(f"/parameters?model_id={priced}", headers=HTMX)).text
    row = row_of(page, "Max cost")
    assert "USD" in row
    assert not re.search(r"\sdisabled[\s>]", row)
    assert page.index('data-parameter="Max tokens"') < page.index('data-parameter="Max cost"')
    form = {"model_id": priced, "prompt": "one two", "parameters.max_tokens": "10"}
    reasons = (("0.000001", "more than max_cost"), ("cheap", "number"), ("-1", "between 0 and"), ("inf", ""))
    for value, reason in reasons:
        refused = await mine.post("/executions", form={**form, "parameters.max_cost": value})
        assert refused.status == 400, value
        found = re.search(r'id="error-parametersmax_cost"\s*>([^<]+)</p>', refused.text)
        assert found, value
        assert reason in found[1]
        assert f'value="{value}"' in row_of(refused.text, "Max cost")
    started = await mine.post("/executions", form={**form, "parameters.max_cost": "0.5"})
    assert started.status == 302
    again = (await mine.get(started.headers["Location"])).text
    assert 'value="0.5"' in row_of(again, "Max cost")
    columns = {"prompt": "one", "variants.0.model_id": priced, "variants.1.model_id": priced}
    refused = await mine.post("/comparisons", form={**columns, "variants.1.parameters.max_cost": "0.000001"})
    assert refused.status == 400
    assert re.search(r'id="error-variants1parametersmax_cost"\s*>[^<]+max_cost', refused.text)
    assert "USD" in row_of(refused.text, "Max cost")


async def test_a_template_keeps_what_its_runs_may_cost(author: Person, mine: Browser, priced: str) -> None:
    form = {"name": "T", "category": "x", "prompt": "Say one thing.", "engine": "plain"}
    refused = await mine.post("/templates/new", form={**form, "parameters.max_cost": "-1"})
    assert refused.status == 400
    assert re.search(r'id="error-parametersmax_cost">\s*[^<\s]', refused.text)
    saved = await mine.post("/templates/new", form={**form, "parameters.max_cost": "0.00005"})
    assert saved.status == 302
    made = (await author.get(f"/api{saved.headers['Location']}")).body
    assert made["default_parameters"] == {"max_cost": 0.00005}
    editor = (await mine.get(f"/templates/{made['id']}/edit")).text
    assert re.search(r'name="parameters.max_cost"\s+value="0.00005"', editor)
    page = (await mine.get(f"/?template={made['id']}")).text
    assert 'value="0.00005"' in row_of(page, "Max cost")


async def test_a_model_without_a_price_says_beforehand_that_it_has_no_limit(mine: Browser, provider: str) -> None:
    page = (await mine.get(f"/parameters?model_id={provider}/echo", headers=HTMX)).text
    assert "refused while its price is unknown" in row_of(page, "Max cost")


class Breakers:
    """Those of models, and of providers by their slugs: opened by hand, closed again afterwards."""

    def __init__(self, redis: Redis) -> None:
        self.names: list[str] = []
        self._shared = Shared(redis)

    async def __call__(self, name: str) -> None:
        """Opens one."""
        await self.fail_once(name, to_open=1)

    async def fail_once(self, name: str, *, to_open: int = 5) -> None:
        """Counts a failure."""
        self.names.append(name)
        await self._shared.failed(name, looked_at=10, to_open=to_open, rest=15, reason="provider_error")


@pytest.fixture
async def rest() -> AsyncIterator[Breakers]:
    """Breakers to be opened."""
    async with Redis.from_url(settings.REDIS_URL) as redis:
        breakers = Breakers(redis)
        yield breakers
        for key in (OPEN, RECENT):
            await redis.hdel(key, *breakers.names)


def list_models(*model_ids: str) -> None:
    """Puts them into the catalogue as listed by their provider."""
    now = timezone.now()
    for model_id in model_ids:
        CatalogueModel.objects.create(id=model_id, provider=model_id.partition("/")[0], listed_at=now)


async def test_a_new_visitor_gets_a_model_that_works(
    mine: Browser, make_provider: MakeProvider, rest: Breakers
) -> None:
    one, other = sorted([await in_database_thread(make_provider) for _ in range(2)])
    for row in (await mine.get("/api/models?page_size=200")).body["results"]:
        await rest(row["provider"])
    await in_database_thread(list_models, f"{one}/a", f"{one}/b", f"{other}/c")
    # Named once by somebody: no provider lists it.
    await in_database_thread(CatalogueModel.objects.create, id=f"{one}/0", provider=one)
    assert picked((await mine.get("/")).text) == f"{one}/a"
    await rest.fail_once(f"{one}/a")
    assert picked((await mine.get("/")).text) == f"{one}/b"
    await rest(f"{one}/a")
    assert picked((await mine.get("/")).text) == f"{one}/b"
    compared = (await mine.get("/compare")).text
    assert re.findall(r'name="variants.\d.model_id"\s+value="([^"]*)"', compared) == [f"{one}/b", f"{other}/c"]
    in_list = (await mine.get("/models", headers=HTMX)).text
    assert "rests for a moment" in in_list.partition(f'data-model="{one}/a"')[2].partition("data-model=")[0]
    assert "rests for a moment" not in in_list.partition(f'data-model="{one}/b"')[2].partition("data-model=")[0]
    await rest(one)
    assert picked((await mine.get("/")).text) == f"{other}/c"
    await rest(f"{other}/c")
    for page in ((await mine.get("/")).text, (await mine.get("/parameters", headers=HTMX)).text):
        assert picked(page) == ""
        assert "No model can be used now" in page
    assert (await mine.get("/compare")).text.count("No model can be used now") == 2


async def test_a_model_that_rests_is_not_offered_in_the_place_of_one_that_failed(
    author: Person, mine: Browser, provider: str, make_provider: MakeProvider, rest: Breakers
) -> None:
    other = await in_database_thread(make_provider)
    parameters = {"fallback_models": [f"{other}/fault-401"]}
    failed = (await author.execute(f"{provider}/fault-401", parameters=parameters)).body["execution_id"]
    page = f"/executions/{failed}"
    await in_database_thread(CatalogueModel.objects.get_or_create, id="ollama/echo", defaults={"provider": "ollama"})
    assert "Run with" in (await mine.get(page, headers=HTMX)).text
    for row in (await mine.get("/api/models?page_size=200")).body["results"]:
        await rest(row["provider"])
    await rest(other)
    assert "Run with" not in (await mine.get(page, headers=HTMX)).text
