"""How long the queue's oldest message waits, as it is published and pushed."""

from __future__ import annotations

import time

import orjson
import pytest

from playground.engine.standing import _age_of


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({"published_at": time.time() - 90}, 90),
        ({"published_at": time.time() + 90}, 0),
        ({}, 0),
        ({"published_at": "x"}, 0),
    ],
)
def test_a_message_is_as_old_as_it_says(headers: dict[str, object], age: float) -> None:
    assert _age_of(orjson.dumps({"headers": headers})) == pytest.approx(age, abs=30)


def test_an_empty_queue_has_no_age() -> None:
    assert _age_of(None) == 0
