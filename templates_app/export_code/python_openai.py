"""Python with OpenAI's SDK."""

from __future__ import annotations

from collections.abc import Iterable

from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.parameters import for_openais_python
from templates_app.export_code.python_code import OPENAI, arguments_literal, literal, needed, program, text_literal

_ASK = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the prompt with these values."""
    messages: list[Any] = [{"role": "user", "content": fill(PROMPT, values)}]
    if system_prompt := fill(SYSTEM_PROMPT, values):
        messages.insert(0, {"role": "system", "content": system_prompt})
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
    completion = client.chat.completions.create(model=MODEL, messages=messages, **PARAMETERS)
    return completion.choices[0].message.content or ""
'''

_ASK_WHOLE = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the conversation with these values."""
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
    messages: list[Any] = conversation(values)
    completion = client.chat.completions.create(model=MODEL, messages=messages, **PARAMETERS)
    return completion.choices[0].message.content or ""
'''


def render(handover: Handover) -> str:
    """A program for `pip install openai`."""
    content = handover.content
    is_whole = whole_call.is_whole(content)
    asked = for_openais_python(handover)
    texts = {"SYSTEM_PROMPT": text_literal(content.system_prompt), "PROMPT": text_literal(content.prompt)}
    return program(
        handover,
        notes=[
            f"Needs: pip install {needed(content, OPENAI)}; the key in OPENAI_API_KEY.",
            *other_endpoint(handover),
            *lines(asked.notes),
            *whole_call.notes(handover),
        ],
        imports=["from openai import OpenAI"],
        constants={
            "MODEL": literal(handover.model),
            **(whole_call.constants(content) if is_whole else texts),
            **told_first(asked.addition),
            "PARAMETERS: dict[str, Any]": arguments_literal(asked.given),
        },
        ask=telling(
            whole_call.functions(whole_call.OPENAI_PART) + _ASK_WHOLE.strip() if is_whole else _ASK, asked.addition
        ),
        taken=whole_call.NAMES if is_whole else frozenset(),
    )


def other_endpoint(handover: Handover) -> list[str]:
    """A note where the model is not OpenAI's own: the SDKs reach what speaks OpenAI's protocol."""
    if handover.provider in ("", "openai"):
        return []
    return [
        one_line(
            f"The model was used through {handover.provider}: set OPENAI_BASE_URL to its OpenAI-compatible address."
        )
    ]


def told_first(addition: str) -> dict[str, str]:
    """The constant of a turn that is said before the others; none without one."""
    return {"ANSWER_FORMAT: dict[str, Any]": literal({"role": "system", "content": addition})} if addition else {}


def telling(ask: str, addition: str, *, is_last: bool = False) -> str:
    """The source of `ask` with that turn; `is_last`: behind the other turns of the system."""
    for messages in ("messages", "conversation(values)") if addition else ():
        listed = f"[ANSWER_FORMAT, *{messages}]"
        if is_last:
            listed = f'sorted([*{messages}, ANSWER_FORMAT], key=lambda each: each["role"] != "system")'
        ask = ask.replace(f"messages={messages}", f"messages={listed}")
    return ask


def lines(notes: Iterable[str]) -> list[str]:
    """Notes for comments."""
    return [one_line(note) for note in notes]
