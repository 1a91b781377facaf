"""Keys as people copy them: white space around one is not part of it; what no header holds is refused by name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.environment import Environment, explain
from foundation.http.header_values import can_be_sent
from providers.models import Provider
from providers.registry import Registry

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("given", [" sk-1", "sk-1\n", "\t sk-1 \r\n", "sk-1\u00a0"])
def test_a_key_of_the_environment_is_stripped(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    monkeypatch.setenv(name, given)
    key = getattr(Environment(), name.lower())
    assert key is not None
    assert key.get_secret_value() == "sk-1"


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_white_space_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, " \n")
    assert getattr(Environment(), name.lower()) is None


@pytest.mark.parametrize("name", [*KEYS, "MINIO_ACCESS_KEY"])
@pytest.mark.parametrize("given", ["sk-1\nsk-2", "sk-\u2028-1", "schlüssel", "sk-\x07"])
def test_a_key_that_no_header_holds_stops_the_start_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(ValidationError) as caught:
        Environment()
    told = explain(caught.value)
    assert f"{name}: " in told
    assert given not in told


@pytest.mark.parametrize(("name", "given"), [("PROVIDER_IDLE_SECONDS", "0"), ("PROVIDER_FIRST_BYTE_SECONDS", "never")])
def test_a_clock_of_the_environment_is_a_time(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(ValidationError) as caught:
        Environment()
    assert f"{name}: " in explain(caught.value)


@pytest.mark.parametrize(("value", "holds"), [("sk-1", True), ("a b", True), ("", False), (" a", False), ("ä", False)])
def test_what_a_header_holds(value: str, holds: bool) -> None:
    assert can_be_sent(value) is holds


@pytest.mark.django_db
def test_a_providers_key_is_stripped_and_one_that_cannot_be_sent_sets_it_aside() -> None:
    row = Provider(slug="p", name="P", base_url="https://models.example.org/v1")
    row.set_key(" sk-1\n")
    assert row.key == "sk-1"
    row.credentials = {"api_key": "sk-1 ", "address": row.address}
    assert row.key == "sk-1"
    row.credentials = {"api_key": "sk-1\nsk-2", "address": row.address}
    _, reason = Registry().try_to_make(row)
    assert "cannot be sent" in reason
    assert "sk-" not in reason


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["connect_seconds", "first_byte_seconds", "idle_seconds"])
@pytest.mark.parametrize("seconds", [0, -1, 1e9])
def test_a_providers_clock_is_a_time(name: str, seconds: float) -> None:
    row = Provider(slug="p", name="P", base_url="https://models.example.org/v1", **{name: seconds})
    assert name.split("_")[0] in row.what_is_missing().lower()


def test_a_providers_own_clocks_stand_above_the_environments() -> None:
    from providers.base import Timeouts

    own = Provider(first_byte_seconds=7, idle_seconds=8.5).timeouts(Timeouts(connect=3))
    assert own == Timeouts(connect=3, first_byte=7, idle=8.5)
