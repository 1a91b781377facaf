"""Tokenizers, sums and bounds behind an estimate."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import tiktoken
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.estimation import history, savings
from analytics.estimation.history import Reader
from analytics.estimation.savings import savings_of
from analytics.estimation.sums import mean_to_come, quantile
from providers.catalogue.info import ModelInfo
from providers.catalogue.listing import info_of
from providers.tokenizing import vocabulary
from providers.tokenizing.input_tokens import Input, InputTokens
from tests.cast import new_user


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiktoken's own encodings, out of the same files: it looks for them by the hash of their address."""
    found = vocabulary._file("o200k_base")
    assert found is not None
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(found.parent))


TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "<|endoftext|> is a word here, <|im_start|> too",
    "Größe, 契約の解除, अनुबंध, 👩‍👩‍👧, don't WE'LL 12345\r\n\r\n  \tx",
    "",
    "A line of prose that goes on.\n" * 3_000,
    "1. item\n\n2. item\n\n" * 2_000,
]


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_counts_are_those_of_the_makers_tokenizer(reference: None, name: str, text: str) -> None:
    assert vocabulary.count(text, name) == len(tiktoken.get_encoding(name).encode_ordinary(text))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_counted_as_the_makers_tokenizer_does(text: str) -> None:
    found = vocabulary._file("o200k_base")
    assert found is not None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(found.parent)
    assert vocabulary.count(text, "o200k_base") == len(tiktoken.get_encoding("o200k_base").encode_ordinary(text))


@pytest.mark.parametrize("text", [" " * 1_000_000, "\n" * 500_000, "a" * 500_000, "\ud800x" * 20_000])
@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_texts_that_tokenizers_stumble_over_are_counted(name: str, text: str) -> None:
    assert 0 < vocabulary.count(text, name) <= len(text.encode(errors="replace"))


def test_a_tokenizer_is_read_without_litellm_and_without_a_network() -> None:
    program = (
        "import socket, sys\n"
        "def refused(*args, **kwargs): raise OSError('no network')\n"
        "socket.socket.connect = socket.getaddrinfo = refused\n"
        "from providers.tokenizing import vocabulary\n"
        "print(vocabulary.count('Say something', 'o200k_base'), 'litellm' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["2", "False"]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("openai/gpt-4o-mini", "o200k_base"),
        ("openai/ft:gpt-4o:acme::1", "o200k_base"),
        ("openrouter/openai/gpt-oss-120b", "o200k_base"),
        ("openai/gpt-4", "cl100k_base"),
        ("openai/text-davinci-003", None),
        ("anthropic/claude-sonnet-4", None),
        ("ollama/llama3", None),
    ],
)
def test_which_model_has_which_tokenizer(model: str, expected: str | None) -> None:
    assert vocabulary.tokenizer_of(model) == expected


def counted(messages: list[dict[str, Any]], *, model_name: str, **more: Any) -> InputTokens:
    """What these come to for that model."""
    return Input(messages, **more).tokens_of(model_name)


def test_without_any_vocabulary_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_file", lambda tokenizer: None)
    told = counted([{"role": "user", "content": "x" * 300}], model_name="openai/gpt-4o")
    assert (told.method, told.tokenizer) == ("estimated", None)
    assert told.low < told.tokens < told.high
    assert told.low >= 60
    assert told.high <= 125


def test_tools_schemas_and_pictures_make_an_estimate_of_it() -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Say something"}]
    plain = counted(messages, model_name="openai/gpt-4o")
    assert (plain.method, plain.low, plain.high) == ("tokenizer", plain.tokens, plain.tokens)
    tool = {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "number"}}}}
    with_tools = counted(messages, model_name="openai/gpt-4o", tools=[tool])
    with_schema = counted(messages, model_name="openai/gpt-4o", schema={"type": "json_schema", "schema": {}})
    picture = {"type": "image", "facts": {"width": 750, "height": 750}}
    parts = [{"type": "text", "text": "Say something"}, picture]
    with_picture = counted([{"role": "user", "content": parts}], model_name="openai/gpt-4o")
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    asked = [*messages, {"role": "assistant", "content": None, "tool_calls": [call]}]
    with_call = counted(asked, model_name="openai/gpt-4o")
    for each in (with_tools, with_schema, with_picture, with_call):
        assert each.method == "estimated"
        assert plain.tokens < each.low < each.tokens < each.high
    assert counted(messages, model_name="openai/gpt-4o", schema={"type": "text"}) == plain
    assert with_picture.tokens == plain.tokens + 750


def test_quantiles_and_the_mean_to_come() -> None:
    assert [quantile([1.0, 2.0, 3.0, 4.0], share) for share in (0, 0.5, 1)] == [1, 2.5, 4]
    assert quantile([7.0], 0.9) == 7
    # By hand: mean 20, s 10, t(2; 0.975) = 4.302653; sqrt(1/3 + 1/300) = 0.580230
    low, expected, high = mean_to_come([10, 20, 30], calls=300, confidence=0.95)
    assert high == pytest.approx(20 + 4.302653 * 10 * 0.580230, rel=1e-5)
    assert (low, expected) == (0, 20)
    assert mean_to_come([5, 5, 5], calls=10, confidence=0.95) == (5, 5, 5)


@pytest.fixture
def locked_executions(transactional_db: None) -> Iterator[None]:
    """Nobody can read the executions, or what they used, meanwhile."""
    told = connection.get_connection_params()
    kept = {name: told[name] for name in ("host", "port", "dbname", "user", "password") if told.get(name)}
    with psycopg.connect(**kept) as other:
        other.execute("LOCK TABLE prompt_executions, execution_usage IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def test_histories_that_take_too_long_are_passed_over_and_named(
    locked_executions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PATIENCE", 100)
    monkeypatch.setattr(savings, "PATIENCE", 100)
    user, at = new_user(), datetime.now(UTC)
    reader = Reader(user, template_id=None, session_id=None, at=at)
    for model_id in ("openai/gpt-4o", "openai/gpt-4o-mini"):
        found = reader.history_of(model_id)
        assert (found.basis, found.too_slow) == ("none", ("own_model", "model"))
    model = ModelInfo("openai/gpt-4o", "gpt-4o", "openai")
    told = savings_of(user, [model], template_id=None, at=at, info_of=info_of)
    assert told.too_slow
    assert told.actual_cost is None
