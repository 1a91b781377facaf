"""Python with Anthropic's SDK."""

from __future__ import annotations

from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.parameters import for_anthropic, system_addition
from templates_app.export_code.python_code import arguments_literal, literal, program, text_literal
from templates_app.export_code.python_openai import left_out

_ASK = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the prompt with these values."""
    arguments = dict(PARAMETERS)
    if system_prompt := fill(SYSTEM_PROMPT, values) + SYSTEM_ADDITION:
        arguments["system"] = system_prompt.strip()
    client = Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
    message = client.messages.create(
        model=MODEL, messages=[{"role": "user", "content": fill(PROMPT, values)}], **arguments
    )
    return "".join(block.text for block in message.content if block.type == "text")
'''


def render(handover: Handover) -> str:
    """A program for `pip install anthropic`."""
    mapped = for_anthropic(handover.content.default_parameters)
    addition = system_addition(handover.content.default_parameters)
    notes = ["Needs: pip install anthropic; the key in ANTHROPIC_API_KEY."]
    if handover.provider not in ("", "anthropic"):
        notes.append(
            one_line(f"The model was used through {handover.provider}: put a Claude model in its place, and test.")
        )
    return program(
        handover,
        notes=[*notes, *left_out(mapped.dropped)],
        imports=["from anthropic import Anthropic"],
        constants={
            "MODEL": literal(handover.model),
            "SYSTEM_PROMPT": text_literal(handover.content.system_prompt),
            "SYSTEM_ADDITION": literal(f"\n\n{addition}" if addition else ""),
            "PROMPT": text_literal(handover.content.prompt),
            "PARAMETERS: dict[str, Any]": arguments_literal(mapped.arguments),
        },
        ask=_ASK,
    )
