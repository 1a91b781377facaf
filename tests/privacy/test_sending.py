"""Which parts of a request are masked, and that what is no text stays what it is."""

from __future__ import annotations

import json
from typing import Any

from privacy.masking.rules import Detector, Files, Rules
from privacy.masking.sending import Asked, masked

MAIL, CARD = "ada@example.org", 4111111111111111
DETECTOR = Detector(Rules(email=True, card=True, names=("Ada Ex", "Type", "Properties"), files=Files.SEND.value))


def sent_of(
    *, messages: list[Any] | None = None, tools: list[Any] | None = None, parameters: dict[str, Any] | None = None
) -> Asked:
    """What is sent of these."""
    return masked(Asked(messages or [], tools or [], parameters or {}), DETECTOR).sent


def test_properties_and_what_names_them_are_masked_alike() -> None:
    schema = {
        "type": "object",
        "properties": {"Ada Ex": {"type": "string"}, "pattern": {"type": "string", "pattern": "^[a-z]+$"}},
        "required": ["Ada Ex"],
        "$defs": {"type": {"type": "string", "format": "email"}},
    }
    [tool] = sent_of(tools=[{"name": "f", "parameters": schema}]).tools
    parameters = tool["parameters"]
    assert list(parameters["properties"]) == ["[NAME_1]", "pattern"]
    assert parameters["required"] == ["[NAME_1]"]
    assert parameters["properties"]["pattern"] == {"type": "string", "pattern": "^[a-z]+$"}
    assert (parameters["type"], parameters["$defs"]) == ("object", schema["$defs"])


def test_values_of_a_schema_are_data() -> None:
    schema = {
        "enum": [{"type": MAIL, MAIL: 1}],
        "const": CARD,
        "default": {"format": MAIL, "n": [True, 1.5, None]},
        "description": f"As in {MAIL}",
        "pattern": f"^{MAIL}$",
        "minimum": 4,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert sent_of(parameters={"response_format": wanted}).parameters["response_format"]["json_schema"]["schema"] == {
        "enum": [{"[NAME_1]": "[EMAIL_1]", "[EMAIL_1]": 1}],
        "const": "[CARD_1]",
        "default": {"format": "[EMAIL_1]", "n": [True, 1.5, None]},
        "description": "As in [EMAIL_1]",
        "minimum": 4,
    }


def test_numbers_in_arguments_of_earlier_calls_are_masked() -> None:
    def called(arguments: Any) -> Any:
        call = {"id": "c", "type": "function", "function": {"name": "pay", "arguments": arguments}}
        [message] = sent_of(messages=[{"role": "assistant", "content": None, "tool_calls": [call]}]).messages
        return message["tool_calls"][0]["function"]["arguments"]

    given = {"card": CARD, "to": MAIL, "count": 3, "is_new": True}
    wanted = {"card": "[CARD_1]", "to": "[EMAIL_1]", "count": 3, "is_new": True}
    assert json.loads(called(json.dumps(given))) == wanted
    assert called(given) == wanted
    assert called('{"count":  3.10}') == '{"count":  3.10}'
    assert called(f"no JSON: {MAIL}") == "no JSON: [EMAIL_1]"


def test_files_that_are_sent_are_not_called_after_anybody() -> None:
    part = {"type": "file", "artifact_id": "a", "name": "Ada Ex.pdf", "facts": {"name": "Ada Ex.pdf", "pages": 2}}
    picture = {"type": "image", "url": "https://example.org/x.png", "alt": "Ada Ex"}
    [message] = sent_of(messages=[{"role": "user", "content": [part, picture]}]).messages
    assert message["content"] == [
        {**part, "name": "[NAME_1].pdf", "facts": {"name": "[NAME_1].pdf", "pages": 2}},
        {**picture, "alt": "[NAME_1]"},
    ]


def test_what_nothing_is_found_in_is_sent_as_it_is() -> None:
    asked = Asked(
        messages=[{"role": "user", "content": "x", "tool_call_id": "1"}],
        tools=[{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}],
        parameters={"temperature": 0.5, "stop_sequences": ["END"], "response_format": {"type": "json_object"}},
    )
    assert masked(asked, DETECTOR).sent == asked
