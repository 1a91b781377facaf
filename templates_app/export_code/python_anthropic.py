"""Python with Anthropic's SDK."""

from __future__ import annotations

from templates_app.export_code import whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import one_line
from templates_app.export_code.parameters import for_anthropic
from templates_app.export_code.python_code import ANTHROPIC, arguments_literal, literal, needed, program, text_literal
from templates_app.export_code.python_openai import lines

_ASK = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the prompt with these values."""
    arguments = dict(PARAMETERS)
    if system_prompt := "\\n\\n".join(filter(None, [fill(SYSTEM_PROMPT, values), SYSTEM_ADDITION])):
        arguments["system"] = system_prompt
    client = Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
    message = client.messages.create(
        model=MODEL, messages=[{"role": "user", "content": fill(PROMPT, values)}], **arguments
    )
    return "".join(block.text for block in message.content if block.type == "text")
'''

_ASK_WHOLE = '''
def ask(values: dict[str, Any]) -> str:
    """The answer to the conversation with these values."""
    arguments, messages = dict(PARAMETERS), conversation(values)
    said = [each["content"] for each in messages if each["role"] == "system"]
    if system_prompt := "\\n\\n".join(filter(None, [*said, SYSTEM_ADDITION])):
        arguments["system"] = system_prompt
    client = Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
    turns: list[Any] = [each for each in messages if each["role"] != "system"]
    message = client.messages.create(model=MODEL, messages=turns, **arguments)
    return "".join(block.text for block in message.content if block.type == "text")
'''


def render(handover: Handover) -> str:
    """A program for `pip install anthropic`."""
    content = handover.content
    is_whole = whole_call.is_whole(content)
    asked = for_anthropic(handover)
    added = {"SYSTEM_ADDITION": text_literal(asked.addition)}
    texts = {"SYSTEM_PROMPT": text_literal(content.system_prompt), **added, "PROMPT": text_literal(content.prompt)}
    notes = [f"Needs: pip install {needed(content, ANTHROPIC)}; the key in ANTHROPIC_API_KEY."]
    if handover.wire not in ("", "anthropic"):
        notes.append(
            one_line(f"The model was used through {handover.provider}: put a Claude model in its place, and test.")
        )
    return program(
        handover,
        notes=[*notes, *lines(asked.notes), *whole_call.notes(handover)],
        imports=["from anthropic import Anthropic"],
        constants={
            "MODEL": literal(handover.model),
            **({**whole_call.constants(content), **added} if is_whole else texts),
            "PARAMETERS: dict[str, Any]": arguments_literal(asked.given),
        },
        ask=whole_call.functions(whole_call.ANTHROPIC_PART) + _ASK_WHOLE.strip() if is_whole else _ASK,
        taken=whole_call.NAMES if is_whole else frozenset(),
    )
