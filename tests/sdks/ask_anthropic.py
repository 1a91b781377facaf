"""Asks a service by Anthropic's SDK that Python finds first, and tells in JSON what the SDK made of the answers.

On standard input as for `ask_openai.py`. What this SDK does not know yet is left out.
"""

# mypy: ignore-errors
# It is run with many versions of the SDK, each of which has its own types.

from __future__ import annotations

import json
import sys
from itertools import groupby

import anthropic

GIVEN = json.load(sys.stdin)
HELLO = [{"role": "user", "content": "Hello there"}]
BERN = [{"role": "user", "content": '{"city": "Bern"}'}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"name": "weather", "input_schema": SCHEMA}
TOLD = {}


def client(whose="own"):
    return anthropic.Anthropic(base_url=GIVEN["url"], api_key=GIVEN["tokens"][whose], max_retries=0)


def asked(model, messages, **more):
    return {"model": f"{GIVEN['provider']}/{model}", "messages": messages, "max_tokens": 64, **more}


def create(model, messages, whose="own", **more):
    return client(whose).messages.create(**asked(model, messages, **more))


def plain():
    made = create("echo", HELLO, system="Be kind")
    return [made.content[0].text, made.stop_reason, made.usage.output_tokens > 0]


def streamed():
    with client().messages.stream(**asked("echo", HELLO)) as stream:
        words = "".join(stream.text_stream)
        final = stream.get_final_message()
    return [words, final.stop_reason, final.usage.output_tokens > 0]


def streamed_events():
    """Each kind once where it follows itself: pieces of text come as they come."""
    return [kind for kind, _ in groupby(event.type for event in create("echo", HELLO, stream=True))]


def tools():
    first = create("tool-call", BERN, tools=[TOOL])
    use = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "Rain in Bern"}
    turns = [*BERN, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = create("tool-call", turns, tools=[TOOL])
    return [first.stop_reason, use.name, use.input, "Rain in Bern" in second.content[0].text]


def streamed_tools():
    arguments, stop = "", None
    for event in create("tool-call", BERN, tools=[TOOL], stream=True):
        if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            arguments += event.delta.partial_json
        if event.type == "message_delta":
            stop = event.delta.stop_reason
    return [stop, json.loads(arguments)]


def picture():
    data = GIVEN["picture"].partition(",")[2]
    source = {"type": "base64", "media_type": "image/png", "data": data}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    return "What is it?" in create("gpt-4o", [{"role": "user", "content": content}]).content[0].text


def structured():
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    return sorted(json.loads(create("json", HELLO, extra_body={"output_config": form}).content[0].text))


def template():
    made = client().messages.create(model=GIVEN["template"], messages=HELLO, max_tokens=64)
    return made.content[0].text


def waiting():
    """A call that waits for a person's leave."""
    asked = {"model": GIVEN["waiting"], "messages": [], "max_tokens": 64}
    made = client().messages.create(**asked)
    with client().messages.stream(**asked) as stream:
        words = "".join(stream.text_stream)
        final = stream.get_final_message()
    told = [each.startswith("The tool ") and "person's leave" in each for each in (made.content[-1].text, words)]
    return [*told, made.stop_reason, final.stop_reason]


def models():
    found = {each.id for each in client().models.list()}
    one = client().models.retrieve(GIVEN["template"])
    return [GIVEN["template"] in found, one.id, one.type]


def counted():
    few, many = (
        client().messages.count_tokens(model=f"{GIVEN['provider']}/echo", messages=messages, tools=[TOOL]).input_tokens
        for messages in (HELLO, [{"role": "user", "content": "Hello there " * 100}])
    )
    return 0 < few < many


def refused(**call):
    """The class that is raised, its status, and of a 400 what it names, of a 429 whether it says when to come back."""
    try:
        made = create(**call)
        for _ in made if call.get("stream") else ():
            pass
    except anthropic.APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        told = {400: "temperature" in str(body), 429: "retry-after" in error.response.headers}
        return [type(error).__name__, body["error"]["type"], told.get(error.status_code)]
    except anthropic.APIError as error:
        return [type(error).__name__, None, None]
    return "not refused"


CHECKS = [plain, streamed, streamed_events, tools, streamed_tools, picture, structured, template, waiting]
if hasattr(anthropic.Anthropic(api_key="x"), "models"):
    CHECKS += [models]
if hasattr(anthropic.Anthropic(api_key="x").messages, "count_tokens"):
    CHECKS += [counted]
for check in CHECKS:
    try:
        TOLD[check.__name__] = check()
    except Exception as error:
        TOLD[check.__name__] = f"{type(error).__name__}: {error}"[:500]

for is_streamed in (False, True):
    more = {"messages": HELLO, **({"stream": True} if is_streamed else {})}
    for name, call in {
        "bad token": {"whose": "wrong", "model": "echo"},
        "out of scope": {"whose": "reading", "model": "echo"},
        "used up": {"whose": "spent", "model": "echo"},
        "no such model": {"model": "fault-404-model"},
        "wrong value": {"model": "echo", "extra_body": {"temperature": 9}},
        "failed before": {"model": "fault-500"},
    }.items():
        TOLD[name + (", streamed" if is_streamed else "")] = refused(**call, **more)
TOLD["failed in the middle"] = refused(model="fault-cut-at-5", messages=HELLO, stream=True)
json.dump(TOLD, sys.stdout)
