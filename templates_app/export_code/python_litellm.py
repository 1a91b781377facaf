"""Python with LiteLLM, which speaks to every provider."""

from __future__ import annotations

from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.parameters import for_litellm
from templates_app.export_code.python_code import arguments_literal, literal, program, text_literal
from templates_app.export_code.python_openai import left_out

_ASK = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the prompt with these values."""
    messages = [{"role": "user", "content": fill(PROMPT, values)}]
    if system_prompt := fill(SYSTEM_PROMPT, values):
        messages.insert(0, {"role": "system", "content": system_prompt})
    completion = litellm.completion(model=MODEL, messages=messages, **PARAMETERS)
    return completion.choices[0].message.content or ""
'''

_ASK_WHOLE = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the conversation with these values."""
    completion = litellm.completion(model=MODEL, messages=conversation(values), **PARAMETERS)
    return completion.choices[0].message.content or ""
'''


def render(handover: Handover) -> str:
    """A program for `pip install litellm`."""
    content = handover.content
    is_whole = whole_call.is_whole(content)
    mapped = for_litellm(content.parameters)
    texts = {"SYSTEM_PROMPT": text_literal(content.system_prompt), "PROMPT": text_literal(content.prompt)}
    return program(
        handover,
        notes=[
            "Needs: pip install litellm; the provider's key in its own variable, such as OPENAI_API_KEY.",
            *left_out(mapped.dropped),
            *whole_call.notes(content),
        ],
        imports=["import litellm"],
        constants={
            "MODEL": literal(handover.model_id),
            **(whole_call.constants(content) if is_whole else texts),
            "PARAMETERS: dict[str, Any]": arguments_literal({**mapped.arguments, **whole_call.openai_tools(content)}),
        },
        ask=whole_call.functions(whole_call.OPENAI_PART) + _ASK_WHOLE.strip() if is_whole else _ASK,
        taken=whole_call.NAMES if is_whole else frozenset(),
    )
