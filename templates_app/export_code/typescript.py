"""TypeScript with OpenAI's npm package; a Jinja2 template is rendered by this service first."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from templates_app.content import PART_TYPES, Content, Engine
from templates_app.export_code import value_texts, whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import camel, headline, one_line
from templates_app.export_code.parameters import Arguments, by_age, for_openai
from templates_app.export_code.python_openai import lines, other_endpoint
from templates_app.export_code.typescript_code import OF_EVERY_OBJECT, literal, text_literal, type_of, values_literal
from templates_app.export_code.typescript_conversation import ASK_WHOLE, CONVERSATION, FETCHED

_OWN_NAMES: Final = frozenset(
    {
        "ask",
        "part",
        "contentOf",
        "conversation",
        "fill",
        "rendered",
        "process",
        "fetch",
        "variables",
        "written",
        "bodyOf",
    }
)
OPENAI: Final = "openai@>=4.60.0"
"""The oldest that has types for what is asked, `LATER` apart."""
# As templates_app/rendering/placeholders.py has it.
_PLACE: Final = (
    r"/(?<!\\)((?:\\\\)*)(?:(\\\{\{)"
    r"|\{\{[ \t\r\n]{0,20}((?:\p{XID_Start}|_)\p{XID_Continue}{0,63})[ \t\r\n]{0,20}\}\}|(?<=\\)(?=\{\{))/gu"
)
_FILL: Final = f"""
const PLACE = {_PLACE};

/** The text with its variables' values, strings as they are and all else as JSON; a value is not looked at again. */
function fill(text: string, values: Map<string, unknown>): string {{
  return text.replace(PLACE, (_place: string, pairs: string, braces?: string, name?: string): string => {{
    const slashes = "\\\\".repeat(pairs.length / 2); // Before braces, two backslashes stand for one.
    if (name === undefined) return braces ? `${{slashes}}{{{{` : slashes;
    const value = values.get(name);
    if (value === undefined) return slashes;
    return slashes + (typeof value === "string" ? value : WRITTEN);
  }});
}}

async function rendered(values: Map<string, unknown>): Promise<{{ prompt: string; system_prompt: string }}> {{
  return {{ prompt: fill(PROMPT, values), system_prompt: fill(SYSTEM_PROMPT, values) }};
}}
"""
_FETCH: Final = """
/** The template is written in Jinja2, which JavaScript does not speak: the service renders it. */
async function rendered(values: Map<string, unknown>): Promise<{ prompt: string; system_prompt: string }> {
  const answer = await fetch(RENDER_URL, {
    method: "POST",
    headers: { "Authorization": `Bearer ${process.env.PLAYGROUND_TOKEN}`, "Content-Type": "application/json" },
    body: BODY,
  });
  if (!answer.ok) throw new Error(`The template could not be rendered: ${await answer.text()}`);
  return (await answer.json()) as { prompt: string; system_prompt: string };
}
"""
_ASK: Final = """
async function ask(values: Map<string, unknown>): Promise<string> {
  const { prompt, system_prompt } = await rendered(values);
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: prompt }];
  if (system_prompt) messages.unshift({ role: "system", content: system_prompt });
  const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });
  const completion = await client.chat.completions.create({ ...PARAMETERS, ...LATER, model: MODEL, messages });
  return completion.choices[0]?.message.content ?? "";
}
"""


def render(handover: Handover) -> str:
    """A module that exports one function, with a call of it at its end, for OpenAI's package since `OPENAI`."""
    asked = for_openai(handover)
    # The npm package takes it as an option of the client, in milliseconds.
    given = {name: value for name, value in asked.given.items() if name != "timeout"}
    asked = asked._replace(given=given, dropped=sorted({*asked.dropped, *(asked.given.keys() - given.keys())}))
    is_jinja = handover.content.engine is Engine.JINJA2
    needs = "the key in OPENAI_API_KEY" + (", an API token of this service in PLAYGROUND_TOKEN" if is_jinja else "")
    notes = [
        *headline(handover),
        f'Needs: npm install "{OPENAI}"; {needs}.',
        *other_endpoint(handover),
        *lines(asked.notes),
    ]
    notes += whole_call.notes(handover)
    parts = [
        "".join(f"// {note}\n" for note in notes)
        + 'import { pathToFileURL } from "node:url";\nimport OpenAI from "openai";\n',
        f"const MODEL = {literal(handover.model)};\n" + (_source(handover) if is_jinja else _texts(handover)),
        _parameters(asked.given) + _told_first(asked.addition),
        _filling(handover.content, has_json=bool(_by_json(handover))).lstrip(),
        _asking(handover.content, asked),
        _function(handover),
    ]
    return "\n".join(parts)


def _parameters(given: Mapping[str, Any]) -> str:
    every, later = by_age(given)
    typed = f"const PARAMETERS: Partial<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming> = {literal(every)};\n"
    if not later:
        return typed
    return f"{typed}/** What older versions of the package send too, but have no types for. */\n" + (
        f"const LATER: object = {literal(later)};\n"
    )


def _told_first(addition: str) -> str:
    turn = literal({"role": "system", "content": addition})
    return f"const ANSWER_FORMAT: OpenAI.Chat.ChatCompletionMessageParam = {turn};\n" if addition else ""


def _asking(content: Content, asked: Arguments) -> str:
    source = (ASK_WHOLE if whole_call.is_whole(content) else _ASK).lstrip()
    if not by_age(asked.given)[1]:
        source = source.replace(" ...LATER,", "")
    if asked.addition:
        source = source.replace("MODEL, messages }", "MODEL, messages: [ANSWER_FORMAT, ...messages] }")
    return source


def _filling(content: Content, *, has_json: bool) -> str:
    is_whole = whole_call.is_whole(content)
    if content.engine is Engine.JINJA2:
        fetching = FETCHED if is_whole else _FETCH
        if not has_json:
            return fetching.replace("BODY", "JSON.stringify({ ...VERSION, variables: Object.fromEntries(values) })")
        return value_texts.TYPESCRIPT_CLASS + value_texts.TYPESCRIPT_BODY + fetching.replace("BODY", "bodyOf(values)")
    written = "JSON.stringify(value)"
    if value_texts.holds_numbers(content):
        written = "written(JSON.parse(JSON.stringify(value)))"
    if has_json:
        written = f"value instanceof AsJSON ? value.text : {written}"
    source = _FILL.replace("WRITTEN", written)
    if is_whole:
        source = source.partition("async function rendered")[0] + CONVERSATION.lstrip()
    added = value_texts.TYPESCRIPT_CLASS if has_json else ""
    return added + (value_texts.TYPESCRIPT if value_texts.holds_numbers(content) else "") + source


def _texts(handover: Handover) -> str:
    content = handover.content
    if whole_call.is_whole(content):
        kinds = {each.name: each.type.value for each in content.variables if each.type in PART_TYPES}
        return (
            f"const MESSAGES: any[] = {literal([turn.as_json() for turn in content.turns])};\n"
            f"const PART_VARIABLES: Record<string, string> = {literal(kinds)};\n"
        )
    return (
        f"const SYSTEM_PROMPT: string = {text_literal(content.system_prompt)};\n"
        f"const PROMPT: string = {text_literal(content.prompt)};\n"
    )


def _source(handover: Handover) -> str:
    pointer = {"label": handover.label} if handover.label else {"version": handover.version}
    url = f"{handover.service_url.rstrip('/')}/api/templates/{handover.template_id}/render"
    return f"const RENDER_URL = {literal(url)};\nconst VERSION = {literal(pointer)};\n"


def _by_json(handover: Handover) -> set[str]:
    """The variables with a value that JavaScript would write differently."""
    defaults = ((each.name, each.default_value) for each in handover.content.variables if each.has_default)
    values = [*defaults, *handover.example_call.items()]
    return {name for name, value in values if not value_texts.is_same_in_javascript(value)}


def _function(handover: Handover) -> str:
    name = camel(f"run {handover.name}")
    name = f"{name}Prompt" if name in _OWN_NAMES else name
    variables = handover.content.variables
    by_json = _by_json(handover)
    fields = "".join(
        f"  /** {one_line(each.description).replace('*/', '* /')} */\n"
        f"  {each.name}{'' if each.required and not each.has_default else '?'}: {type_of(each)}"
        f"{' | AsJSON' if each.name in by_json else ''};\n"
        for each in variables
    )
    defaults = {each.name: each.default_value for each in variables if each.has_default}
    example = textwrap.indent(values_literal(handover.example_call), "  ").lstrip()
    if any(each.name in OF_EVERY_OBJECT and each.name not in handover.example_call for each in variables):
        example += " as Variables"
    return (
        f"export interface Variables {{\n{fields}}}\n\n"
        f"const DEFAULTS: Record<string, unknown> = {values_literal(defaults)};\n\n"
        "/** The model's answer. */\n"
        f"export async function {name}(variables: Variables): Promise<string> {{\n"
        "  return ask(new Map(Object.entries({ ...DEFAULTS, ...variables })));\n"
        "}\n\n"
        'if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {\n'
        f"  console.log(await {name}({example}));\n"
        "}\n"
    )
