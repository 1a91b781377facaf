"""TypeScript with OpenAI's npm package; a Jinja2 template is rendered by this service first."""

from __future__ import annotations

import textwrap
from typing import Final

from templates_app.content import PART_TYPES, Content, Engine
from templates_app.export_code import value_texts, whole_call
from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import camel, headline, one_line
from templates_app.export_code.parameters import for_openai
from templates_app.export_code.python_openai import lines, other_endpoint
from templates_app.export_code.typescript_code import literal, text_literal, type_of, values_literal

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
  const completion = await client.chat.completions.create({ ...PARAMETERS, model: MODEL, messages });
  return completion.choices[0]?.message.content ?? "";
}
"""

_CONVERSATION: Final = """
type Part = { type: string; [name: string]: any };

function part(kind: string, value: any): Part {
  const url: string = value.data_url ?? value.url;
  if (kind === "image") return { type: "image_url", image_url: { url } };
  if (url.startsWith("data:text/plain")) {
    const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (each) => each.charCodeAt(0));
    return { type: "text", text: `File ${value.name || "file.txt"}:\\n\\n${new TextDecoder().decode(bytes)}\\n\\n` };
  }
  return { type: "file", file: { filename: value.name || "document.pdf", file_data: url } };
}

/** A text with its values, or parts where pictures and files stand in it. */
function contentOf(given: any, values: Map<string, any>): any {
  if (Array.isArray(given)) {
    return given.flatMap((each: Part) => {
      if (each.type !== "text") return [each.type === "image_url" ? each : part(each.type, each)];
      const held = contentOf(each.text, values);
      return Array.isArray(held) ? held : [{ type: "text", text: held }];
    });
  }
  const mark = crypto.randomUUID();
  const names = Object.keys(PART_VARIABLES).filter((name) => values.has(name));
  const text = fill(given, new Map([...values, ...names.map((name): [string, any] => [name, `[[${name} ${mark}]]`])]));
  const pieces = text.split(new RegExp(`\\\\[\\\\[(\\\\w+) ${mark}\\\\]\\\\]`));
  if (pieces.length === 1) return text;
  return pieces.flatMap((piece, at): Part[] => {
    if (at % 2) return [part(PART_VARIABLES[piece] ?? "", values.get(piece))];
    return piece.trim() ? [{ type: "text", text: piece }] : [];
  });
}

/** The messages with these values; those of a placeholder come as they are. */
async function conversation(values: Map<string, any>): Promise<OpenAI.Chat.ChatCompletionMessageParam[]> {
  return MESSAGES.flatMap((each: any) =>
    "placeholder" in each
      ? (values.get(each.placeholder) ?? [])
      : [{ role: each.role, content: contentOf(each.content, values) }],
  );
}
"""
_FETCHED: Final = """
/** The template is written in Jinja2, which JavaScript does not speak: the service renders it. */
async function conversation(values: Map<string, unknown>): Promise<OpenAI.Chat.ChatCompletionMessageParam[]> {
  const answer = await fetch(RENDER_URL, {
    method: "POST",
    headers: { "Authorization": `Bearer ${process.env.PLAYGROUND_TOKEN}`, "Content-Type": "application/json" },
    body: BODY,
  });
  if (!answer.ok) throw new Error(`The template could not be rendered: ${await answer.text()}`);
  return ((await answer.json()) as { messages: OpenAI.Chat.ChatCompletionMessageParam[] }).messages;
}
"""
_ASK_WHOLE: Final = """
async function ask(values: Map<string, unknown>): Promise<string> {
  const messages = await conversation(values);
  const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });
  const completion = await client.chat.completions.create({ ...PARAMETERS, model: MODEL, messages });
  return completion.choices[0]?.message.content ?? "";
}
"""


def render(handover: Handover) -> str:
    """A module that exports one function, with a call of it at its end, for `npm install openai`."""
    asked = for_openai(handover)
    # The npm package takes it as an option of the client, in milliseconds.
    given = {name: value for name, value in asked.given.items() if name != "timeout"}
    asked = asked._replace(given=given, dropped=sorted({*asked.dropped, *(asked.given.keys() - given.keys())}))
    is_jinja = handover.content.engine is Engine.JINJA2
    needs = "the key in OPENAI_API_KEY" + (", an API token of this service in PLAYGROUND_TOKEN" if is_jinja else "")
    notes = [
        *headline(handover),
        f"Needs: npm install openai; {needs}.",
        *other_endpoint(handover),
        *lines(asked.notes),
    ]
    notes += whole_call.notes(handover)
    parts = [
        "".join(f"// {note}\n" for note in notes)
        + 'import { pathToFileURL } from "node:url";\nimport OpenAI from "openai";\n',
        f"const MODEL = {literal(handover.model)};\n" + (_source(handover) if is_jinja else _texts(handover)),
        "const PARAMETERS: Partial<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming> = "
        f"{literal(asked.given)};\n" + _told_first(asked.addition),
        _filling(handover.content, has_json=bool(_by_json(handover))).lstrip(),
        _asking(handover.content, asked.addition),
        _function(handover),
    ]
    return "\n".join(parts)


def _told_first(addition: str) -> str:
    turn = literal({"role": "system", "content": addition})
    return f"const ANSWER_FORMAT: OpenAI.Chat.ChatCompletionMessageParam = {turn};\n" if addition else ""


def _asking(content: Content, addition: str) -> str:
    source = (_ASK_WHOLE if whole_call.is_whole(content) else _ASK).lstrip()
    return (
        source.replace("MODEL, messages }", "MODEL, messages: [ANSWER_FORMAT, ...messages] }") if addition else source
    )


def _filling(content: Content, *, has_json: bool) -> str:
    is_whole = whole_call.is_whole(content)
    if content.engine is Engine.JINJA2:
        fetching = _FETCHED if is_whole else _FETCH
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
        source = source.partition("async function rendered")[0] + _CONVERSATION.lstrip()
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
    return (
        f"export interface Variables {{\n{fields}}}\n\n"
        f"const DEFAULTS: Record<string, unknown> = {values_literal(defaults)};\n\n"
        "/** The model's answer. */\n"
        f"export async function {name}(variables: Variables): Promise<string> {{\n"
        "  return ask(new Map(Object.entries({ ...DEFAULTS, ...variables })));\n"
        "}\n\n"
        'if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {\n'
        f"  console.log(await {name}({textwrap.indent(values_literal(handover.example_call), '  ').lstrip()}));\n"
        "}\n"
    )
