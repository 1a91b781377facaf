"""Python with OpenAI's SDK."""

from __future__ import annotations

from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.parameters import for_openai
from templates_app.export_code.python_code import arguments_literal, literal, program, text_literal

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
    mapped = for_openai(content.parameters, model=handover.model)
    texts = {"SYSTEM_PROMPT": text_literal(content.system_prompt), "PROMPT": text_literal(content.prompt)}
    return program(
        handover,
        notes=[
            "Needs: pip install openai; the key in OPENAI_API_KEY.",
            *other_endpoint(handover),
            *left_out(mapped.dropped),
            *whole_call.notes(content),
        ],
        imports=["from openai import OpenAI"],
        constants={
            "MODEL": literal(handover.model),
            **(whole_call.constants(content) if is_whole else texts),
            "PARAMETERS: dict[str, Any]": arguments_literal({**mapped.arguments, **whole_call.openai_tools(content)}),
        },
        ask=whole_call.functions(whole_call.OPENAI_PART) + _ASK_WHOLE.strip() if is_whole else _ASK,
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


def left_out(names: list[str]) -> list[str]:
    """A note on parameters that were not carried over."""
    return [one_line(f"Not carried over: {', '.join(names)}.")] if names else []
