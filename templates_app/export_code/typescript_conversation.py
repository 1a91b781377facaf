"""The functions of exported TypeScript that ask with turns, pictures and files."""

from __future__ import annotations

from typing import Final

CONVERSATION: Final = """
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
FETCHED: Final = """
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
ASK_WHOLE: Final = """
async function ask(values: Map<string, unknown>): Promise<string> {
  const messages = await conversation(values);
  const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });
  const completion = await client.chat.completions.create({ ...PARAMETERS, ...LATER, model: MODEL, messages });
  return completion.choices[0]?.message.content ?? "";
}
"""
