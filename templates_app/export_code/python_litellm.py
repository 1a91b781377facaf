"""Python with LiteLLM, which speaks to every provider."""

from __future__ import annotations

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


def render(handover: Handover) -> str:
    """A program for `pip install litellm`."""
    mapped = for_litellm(handover.content.default_parameters)
    return program(
        handover,
        notes=[
            "Needs: pip install litellm; the provider's key in its own variable, such as OPENAI_API_KEY.",
            *left_out(mapped.dropped),
        ],
        imports=["import litellm"],
        constants={
            "MODEL": literal(handover.model_id),
            "SYSTEM_PROMPT": text_literal(handover.content.system_prompt),
            "PROMPT": text_literal(handover.content.prompt),
            "PARAMETERS: dict[str, Any]": arguments_literal(mapped.arguments),
        },
        ask=_ASK,
    )
