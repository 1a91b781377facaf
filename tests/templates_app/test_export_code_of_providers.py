"""Code for models of providers that administrators added: asked by their wire, with what is known of them here."""

from __future__ import annotations

import asyncio

import aiohttp

from providers.models import CatalogueModel
from tests.cast import Person
from tests.playground.conftest import MakeProvider
from tests.templates_app.conftest import MakeTemplate


async def exported(author: Person, template: str, kind: str, model_id: str) -> str:
    url = f"{author.url}/api/templates/{template}/export?format={kind}&model_id={model_id}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=author.headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_litellm_gets_a_model_by_the_name_that_it_knows(
    author: Person, make_template: MakeTemplate, make_provider: MakeProvider
) -> None:
    made = await make_template(default_parameters={"temperature": 0, "top_p": 0.5})
    slug = await asyncio.to_thread(make_provider, "litellm", litellm_prefix="mistral")
    source = await exported(author, made["id"], "python-litellm", f"{slug}/mistral-large-latest")
    assert 'MODEL = "mistral/mistral-large-latest"' in source
    assert "# top_p: Mistral takes no top_p beside temperature 0.\n" in source
    slug = await asyncio.to_thread(make_provider, "openai")
    source = await exported(author, made["id"], "python-litellm", f"{slug}/some-model")
    assert 'MODEL = "openai/some-model"' in source
    assert f"through {slug}: set OPENAI_BASE_URL" in source


async def test_what_an_administrator_says_of_a_model_holds_in_code(
    author: Person, make_template: MakeTemplate, make_provider: MakeProvider
) -> None:
    made = await make_template(default_parameters={"temperature": 0.3, "max_tokens": 9_000})
    slug = await asyncio.to_thread(make_provider, "openai")
    takes = {"refuses": ["temperature"], "limit_name": "max_completion_tokens"}
    await CatalogueModel.objects.acreate(
        id=f"{slug}/own", provider=slug, overrides={"takes": takes, "max_output_tokens": 8_000}
    )
    for kind in ("python-openai", "typescript", "promptfoo", "python-litellm"):
        source = await exported(author, made["id"], kind, f"{slug}/own")
        assert "max_completion_tokens" in source, kind
        assert "8000" in source, kind
        assert "Not carried over: temperature." in source, kind
        assert "0.3" not in source, kind
