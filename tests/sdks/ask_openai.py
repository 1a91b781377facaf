"""Asks a service by OpenAI's SDK that Python finds first, and tells in JSON what the SDK made of the answers.

On standard input: `{url, tokens{own, wrong, reading, spent}, provider, template, waiting, picture}`. What this SDK does
not know yet is left out.
"""

# mypy: ignore-errors
# It is run with many versions of the SDK, each of which has its own types.

from __future__ import annotations

import json
import sys

import openai

GIVEN = json.load(sys.stdin)
HELLO = [{"role": "user", "content": "Hello there"}]
BERN = [{"role": "user", "content": '{"city": "Bern"}'}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION = {"name": "weather", "parameters": SCHEMA}
TOOL = {"type": "function", "function": FUNCTION}
FORMAT = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
TOLD = {}


def client(whose="own"):
    return openai.OpenAI(base_url=GIVEN["url"] + "/v1", api_key=GIVEN["tokens"][whose], max_retries=0)


def named(model):
    return f"{GIVEN['provider']}/{model}"


def chat(model, messages, whose="own", **more):
    return client(whose).chat.completions.create(model=named(model), messages=messages, **more)


def plain():
    made = chat("echo", HELLO)
    return [made.choices[0].message.content, made.choices[0].finish_reason, made.usage.total_tokens > 0]


def streamed():
    chunks = list(chat("echo", HELLO, stream=True))
    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    return [words, chunks[-1].choices[0].finish_reason, chunks[0].choices[0].delta.role]


def tools():
    first = chat("tool-call", BERN, tools=[TOOL]).choices[0]
    call = first.message.tool_calls[0]
    turn = {"role": "assistant", "content": first.message.content, "tool_calls": [call.model_dump()]}
    result = {"role": "tool", "tool_call_id": call.id, "content": "Rain in Bern"}
    second = chat("tool-call", [*BERN, turn, result], tools=[TOOL])
    arguments = json.loads(call.function.arguments)
    return [first.finish_reason, call.function.name, arguments, "Rain in Bern" in second.choices[0].message.content]


def streamed_tools():
    name, arguments, finish = "", "", None
    for chunk in chat("tool-call", BERN, tools=[TOOL], stream=True):
        finish = chunk.choices[0].finish_reason or finish
        for call in chunk.choices[0].delta.tool_calls or ():
            name += call.function.name or ""
            arguments += call.function.arguments or ""
    return [finish, name, json.loads(arguments)]


def structured():
    made = chat("json", HELLO, response_format=FORMAT)
    return sorted(json.loads(made.choices[0].message.content))


def picture():
    shown = {"type": "image_url", "image_url": {"url": GIVEN["picture"]}}
    content = [{"type": "text", "text": "What is it?"}, shown]
    made = chat("gpt-4o", [{"role": "user", "content": content}])
    return "What is it?" in made.choices[0].message.content


def template():
    made = client().chat.completions.create(model=GIVEN["template"], messages=HELLO)
    return made.choices[0].message.content


def waiting():
    """A call that waits for a person's leave."""
    choice = client().chat.completions.create(model=GIVEN["waiting"], messages=[]).choices[0]
    stream = client().chat.completions.create(model=GIVEN["waiting"], messages=[], stream=True)
    choices = [chunk.choices[0] for chunk in stream]
    words = "".join(each.delta.refusal or "" for each in choices if hasattr(each.delta, "refusal"))
    refused = [each.startswith("The tool ") and "person's leave" in each for each in (choice.message.refusal, words)]
    return [*refused, choice.finish_reason, choices[-1].finish_reason, choice.message.tool_calls]


def models():
    found = {each.id for each in client().models.list()}
    one = client().models.retrieve(GIVEN["template"])
    return [GIVEN["template"] in found, one.id, one.object]


def parsed():
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    completions = client().chat.completions
    parse = getattr(completions, "parse", None) or client().beta.chat.completions.parse
    made = parse(model=named("json"), messages=HELLO, response_format=Place)
    return type(made.choices[0].message.parsed).__name__


def helper_stream():
    completions = client().chat.completions
    stream = getattr(completions, "stream", None) or client().beta.chat.completions.stream
    with stream(model=named("tool-call"), messages=BERN, tools=[strictly(TOOL)]) as events:
        for _ in events:
            pass
        choice = events.get_final_completion().choices[0]
    return [choice.finish_reason, json.loads(choice.message.tool_calls[0].function.arguments)]


def strictly(tool):
    return {**tool, "function": {**tool["function"], "strict": True}}


def responses():
    made = client().responses.create(model=named("echo"), input="Hello there", instructions="Be kind")
    again = client().responses.retrieve(made.id)
    return [made.output_text, made.status, again.output_text]


def responses_wait():
    made = client().responses.create(model=GIVEN["waiting"], input=[])
    events = list(client().responses.create(model=GIVEN["waiting"], input=[], stream=True))
    words = "".join(event.delta for event in events if event.type == "response.refusal.delta")
    parts = [each.output[-1].content[-1] for each in (made, events[-1].response)]
    told = [each.startswith("The tool ") and "person's leave" in each for each in (words, *(p.refusal for p in parts))]
    return [*told, parts[0].type, made.status, made.output_text]


def streamed_responses():
    events = list(client().responses.create(model=named("echo"), input="Hello there", stream=True))
    words = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    return [words, events[0].type, events[-1].type, events[-1].response.output_text]


def responses_go_on():
    asked = {"model": named("tool-call"), "tools": [{"type": "function", "strict": True, **FUNCTION}]}
    first = client().responses.create(input=BERN[0]["content"], **asked)
    call = next(item for item in first.output if item.type == "function_call")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain in Bern"}
    second = client().responses.create(input=[result], previous_response_id=first.id, **asked)
    return [call.name, json.loads(call.arguments), "Rain in Bern" in second.output_text]


def responses_structured():
    told = {"format": {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}}
    made = client().responses.create(model=named("json"), input="A place", text=told)
    return sorted(json.loads(made.output_text))


def refused(**asked):
    """The class that is raised, its status, and of a 400 whether it names the field, of a 429 whether it says when to
    come back."""
    is_read = asked.get("stream")
    try:
        made = chat(**asked)
        for _ in made if is_read else ():
            pass
    except openai.APIStatusError as error:
        told = {400: "temperature" in str(error), 429: "retry-after" in error.response.headers}
        return [type(error).__name__, error.status_code, told.get(error.status_code)]
    except openai.APIError as error:
        return [type(error).__name__, None, None]
    return "not refused"


CHECKS = [plain, streamed, tools, streamed_tools, structured, picture, template, waiting, models]
if hasattr(openai.OpenAI(api_key="x").beta, "chat") or hasattr(openai.OpenAI(api_key="x").chat.completions, "parse"):
    CHECKS += [parsed, helper_stream]
if hasattr(openai.OpenAI(api_key="x"), "responses"):
    CHECKS += [responses, responses_wait, streamed_responses, responses_go_on, responses_structured]
for check in CHECKS:
    try:
        TOLD[check.__name__] = check()
    except Exception as error:
        TOLD[check.__name__] = f"{type(error).__name__}: {error}"[:500]

for is_streamed in (False, True):
    more = {"messages": HELLO, **({"stream": True} if is_streamed else {})}
    for name, asked in {
        "bad token": {"whose": "wrong", "model": "echo"},
        "out of scope": {"whose": "reading", "model": "echo"},
        "used up": {"whose": "spent", "model": "echo"},
        "no such model": {"model": "fault-404-model"},
        "wrong value": {"model": "echo", "temperature": 9},
        "failed before": {"model": "fault-500"},
    }.items():
        TOLD[name + (", streamed" if is_streamed else "")] = refused(**asked, **more)
TOLD["failed in the middle"] = refused(model="fault-cut-at-5", messages=HELLO, stream=True)
json.dump(TOLD, sys.stdout)
