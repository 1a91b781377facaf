"""How long the queue's oldest message waits, as it is published and pushed."""

from __future__ import annotations

import time

import orjson
import pytest

from playground.engine.standing import _age_of


@pytest.mark.parametrize(("published", "age"), [(-90, 90), (90, 0)])
def test_a_message_is_as_old_as_it_says(published: float, age: float) -> None:
    message = orjson.dumps({"headers": {"published_at": time.time() + published}})
    assert _age_of(message) == pytest.approx(age, abs=30)


@pytest.mark.parametrize("headers", [{}, {"published_at": "yesterday"}])
def test_one_that_does_not_say_so_has_no_age(headers: dict[str, object]) -> None:
    assert _age_of(orjson.dumps({"headers": headers})) == 0


def test_an_empty_queue_has_no_age() -> None:
    assert _age_of(None) == 0
