"""Python with LiteLLM, which speaks to every provider."""

from __future__ import annotations

from typing import Final

from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.parameters import for_litellm, litellm_model
from templates_app.export_code.python_code import LITELLM, arguments_literal, literal, needed, program, text_literal
from templates_app.export_code.python_openai import lines, telling, told_first

_ADDRESSES: Final = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_API_BASE", "ollama": "OLLAMA_API_BASE"}
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
    asked = for_litellm(handover)
    package = LITELLM.replace("litellm", "litellm[mcp]") if content.tools else LITELLM
    texts = {"SYSTEM_PROMPT": text_literal(content.system_prompt), "PROMPT": text_literal(content.prompt)}
    return program(
        handover,
        notes=[
            f"Needs: pip install {needed(content, package)}; the provider's key, such as OPENAI_API_KEY.",
            *own_address(handover),
            *lines(asked.notes),
            *whole_call.notes(handover),
        ],
        imports=["import litellm"],
        constants={
            "MODEL": literal(litellm_model(handover)),
            **(whole_call.constants(content) if is_whole else texts),
            **told_first(asked.addition),
            "PARAMETERS: dict[str, Any]": arguments_literal(asked.given),
        },
        ask=telling(
            whole_call.functions(whole_call.OPENAI_PART) + _ASK_WHOLE.strip() if is_whole else _ASK,
            asked.addition,
            is_last=handover.wire == "anthropic",
        ),
        taken=whole_call.NAMES if is_whole else frozenset(),
    )


def own_address(handover: Handover) -> list[str]:
    """A note where the provider is not the one that LiteLLM reaches by itself."""
    if handover.wire in ("", "litellm", handover.provider):
        return []
    variable = _ADDRESSES[handover.wire]
    return [one_line(f"The model was used through {handover.provider}: set {variable} to its address.")]
