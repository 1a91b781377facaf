// Asks a service by OpenAI's or Anthropic's npm package that Node.js finds here (`openai`, `anthropic`), and tells in JSON
// what it made of the answers. On standard input as for `ask_openai.py`. What this version does not know is left out.
import { readFileSync } from "node:fs";

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const given = JSON.parse(readFileSync(0, "utf8"));
const HELLO = [{ role: "user", content: "Hello there" }];
const BERN = [{ role: "user", content: '{"city": "Bern"}' }];
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const FUNCTION = { name: "weather", parameters: SCHEMA };
const TOOL = { type: "function", function: FUNCTION };
const THEIR_TOOL = { name: "weather", input_schema: SCHEMA };

const openai = (whose = "own") =>
  new OpenAI({ baseURL: `${given.url}/v1`, apiKey: given.tokens[whose], maxRetries: 0 });
const anthropic = (whose = "own") =>
  new Anthropic({ baseURL: given.url, apiKey: given.tokens[whose], maxRetries: 0 });
const named = (model) => `${given.provider}/${model}`;
const chat = (model, messages, more = {}, whose = "own") =>
  openai(whose).chat.completions.create({ model: named(model), messages, ...more });
const message = (model, messages, more = {}, whose = "own") =>
  anthropic(whose).messages.create({ model: named(model), messages, max_tokens: 64, ...more });

async function all(stream) {
  const found = [];
  for await (const each of stream) found.push(each);
  return found;
}

// Whether the words are those about a call that waits for a person's leave.
const waits = (words) => words.startsWith("The tool ") && words.includes("person's leave");

const OPENAIS = {
  async plain() {
    const made = await chat("echo", HELLO);
    return [made.choices[0].message.content, made.choices[0].finish_reason, made.usage.total_tokens > 0];
  },
  async streamed() {
    const chunks = await all(await chat("echo", HELLO, { stream: true }));
    const words = chunks.map((each) => each.choices[0].delta.content ?? "").join("");
    return [words, chunks.at(-1).choices[0].finish_reason, chunks[0].choices[0].delta.role];
  },
  async tools() {
    const first = (await chat("tool-call", BERN, { tools: [TOOL] })).choices[0];
    const call = first.message.tool_calls[0];
    const result = { role: "tool", tool_call_id: call.id, content: "Rain in Bern" };
    const second = await chat("tool-call", [...BERN, first.message, result], { tools: [TOOL] });
    const goes = second.choices[0].message.content.includes("Rain in Bern");
    return [first.finish_reason, call.function.name, JSON.parse(call.function.arguments), goes];
  },
  async streamed_tools() {
    let [name, text, finish] = ["", "", null];
    for (const { choices } of await all(await chat("tool-call", BERN, { tools: [TOOL], stream: true }))) {
      finish = choices[0].finish_reason ?? finish;
      for (const call of choices[0].delta.tool_calls ?? []) {
        name += call.function.name ?? "";
        text += call.function.arguments ?? "";
      }
    }
    return [finish, name, JSON.parse(text)];
  },
  async structured() {
    const form = { type: "json_schema", json_schema: { name: "place", schema: SCHEMA, strict: true } };
    const made = await chat("json", HELLO, { response_format: form });
    return Object.keys(JSON.parse(made.choices[0].message.content));
  },
  async picture() {
    const shown = { type: "image_url", image_url: { url: given.picture } };
    const content = [{ type: "text", text: "What is it?" }, shown];
    const made = await chat("gpt-4o", [{ role: "user", content }]);
    return made.choices[0].message.content.includes("What is it?");
  },
  async template() {
    const made = await openai().chat.completions.create({ model: given.template, messages: HELLO });
    return made.choices[0].message.content;
  },
  async waiting() {
    const asked = { model: given.waiting, messages: [] };
    const { choices } = await openai().chat.completions.create(asked);
    const streamed = await all(await openai().chat.completions.create({ ...asked, stream: true }));
    const words = streamed.map((each) => each.choices[0].delta.refusal ?? "").join("");
    const [one, last] = [choices[0], streamed.at(-1).choices[0]];
    return [waits(one.message.refusal), waits(words), one.finish_reason, last.finish_reason, one.message.tool_calls ?? null];
  },
  async models() {
    const found = (await all(openai().models.list())).map((each) => each.id);
    const one = await openai().models.retrieve(given.template);
    return [found.includes(given.template), one.id, one.object];
  },
};

const OPENAIS_NEWER = {
  async parsed() {
    const form = { type: "json_schema", json_schema: { name: "place", schema: SCHEMA, strict: true } };
    const asked = { model: named("json"), messages: HELLO, response_format: form };
    const made = await openai().chat.completions.parse(asked);
    return Object.keys(made.choices[0].message.parsed);
  },
  async helper_stream() {
    const strict = { ...TOOL, function: { ...FUNCTION, strict: true } };
    const stream = openai().chat.completions.stream({ model: named("tool-call"), messages: BERN, tools: [strict] });
    const { choices } = await stream.finalChatCompletion();
    return [choices[0].finish_reason, JSON.parse(choices[0].message.tool_calls[0].function.arguments)];
  },
  async responses() {
    const asked = { model: named("echo"), input: "Hello there", instructions: "Be kind" };
    const made = await openai().responses.create(asked);
    const again = await openai().responses.retrieve(made.id);
    return [made.output_text, made.status, again.output_text];
  },
  async responses_wait() {
    const asked = { model: given.waiting, input: [] };
    const made = await openai().responses.create(asked);
    const events = await all(await openai().responses.create({ ...asked, stream: true }));
    const words = events.filter((each) => each.type === "response.refusal.delta").map((each) => each.delta).join("");
    const [one, last] = [made, events.at(-1).response].map((each) => each.output.at(-1).content.at(-1));
    return [waits(words), waits(one.refusal), waits(last.refusal), one.type, made.status, made.output_text];
  },
  async streamed_responses() {
    const asked = { model: named("echo"), input: "Hello there", stream: true };
    const events = await all(await openai().responses.create(asked));
    const deltas = events.filter((each) => each.type === "response.output_text.delta");
    const last = events.at(-1);
    const text = last.response.output[0].content[0].text;
    return [deltas.map((each) => each.delta).join(""), events[0].type, last.type, text];
  },
  async responses_go_on() {
    const asked = { model: named("tool-call"), tools: [{ type: "function", strict: true, ...FUNCTION }] };
    const first = await openai().responses.create({ input: BERN[0].content, ...asked });
    const call = first.output.find((each) => each.type === "function_call");
    const result = { type: "function_call_output", call_id: call.call_id, output: "Rain in Bern" };
    const second = await openai().responses.create({ input: [result], previous_response_id: first.id, ...asked });
    return [call.name, JSON.parse(call.arguments), second.output_text.includes("Rain in Bern")];
  },
  async responses_structured() {
    const text = { format: { type: "json_schema", name: "place", schema: SCHEMA, strict: true } };
    const made = await openai().responses.parse({ model: named("json"), input: "A place", text });
    return Object.keys(made.output_parsed);
  },
};

const ANTHROPICS = {
  async plain() {
    const made = await message("echo", HELLO, { system: "Be kind" });
    return [made.content[0].text, made.stop_reason, made.usage.output_tokens > 0];
  },
  async streamed() {
    const stream = anthropic().messages.stream({ model: named("echo"), messages: HELLO, max_tokens: 64 });
    let words = "";
    stream.on("text", (text) => (words += text));
    const final = await stream.finalMessage();
    return [words, final.stop_reason, final.usage.output_tokens > 0];
  },
  async streamed_events() {
    // Each kind once where it follows itself: pieces of text come as they come.
    const kinds = (await all(await message("echo", HELLO, { stream: true }))).map((each) => each.type);
    return kinds.filter((kind, at) => kind !== kinds[at - 1]);
  },
  async tools() {
    const first = await message("tool-call", BERN, { tools: [THEIR_TOOL] });
    const use = first.content.find((each) => each.type === "tool_use");
    const result = { type: "tool_result", tool_use_id: use.id, content: "Rain in Bern" };
    const turns = [...BERN, { role: "assistant", content: first.content }, { role: "user", content: [result] }];
    const second = await message("tool-call", turns, { tools: [THEIR_TOOL] });
    return [first.stop_reason, use.name, use.input, second.content[0].text.includes("Rain in Bern")];
  },
  async streamed_tools() {
    let [text, stop] = ["", null];
    for (const each of await all(await message("tool-call", BERN, { tools: [THEIR_TOOL], stream: true }))) {
      if (each.type === "content_block_delta" && each.delta.type === "input_json_delta") text += each.delta.partial_json;
      if (each.type === "message_delta") stop = each.delta.stop_reason;
    }
    return [stop, JSON.parse(text)];
  },
  async picture() {
    const source = { type: "base64", media_type: "image/png", data: given.picture.split(",")[1] };
    const content = [{ type: "image", source }, { type: "text", text: "What is it?" }];
    return (await message("gpt-4o", [{ role: "user", content }])).content[0].text.includes("What is it?");
  },
  async structured() {
    const made = await message("json", HELLO, { output_config: { format: { type: "json_schema", schema: SCHEMA } } });
    return Object.keys(JSON.parse(made.content[0].text));
  },
  async template() {
    const made = await anthropic().messages.create({ model: given.template, messages: HELLO, max_tokens: 64 });
    return made.content[0].text;
  },
  async waiting() {
    const asked = { model: given.waiting, messages: [], max_tokens: 64 };
    const made = await anthropic().messages.create(asked);
    const final = await anthropic().messages.stream(asked).finalMessage();
    const words = [made, final].map((each) => waits(each.content.at(-1).text));
    return [...words, made.stop_reason, final.stop_reason];
  },
};

const ANTHROPICS_NEWER = {
  async models() {
    const found = (await all(anthropic().models.list())).map((each) => each.id);
    const one = await anthropic().models.retrieve(given.template);
    return [found.includes(given.template), one.id, one.type];
  },
  async counted() {
    const asked = { model: named("echo"), tools: [THEIR_TOOL] };
    const few = await anthropic().messages.countTokens({ ...asked, messages: HELLO });
    const long = [{ role: "user", content: "Hello there ".repeat(100) }];
    const many = await anthropic().messages.countTokens({ ...asked, messages: long });
    return 0 < few.input_tokens && few.input_tokens < many.input_tokens;
  },
};

const REFUSED = {
  "bad token": ["echo", {}, "wrong"],
  "out of scope": ["echo", {}, "reading"],
  "used up": ["echo", {}, "spent"],
  "no such model": ["fault-404-model", {}],
  "wrong value": ["echo", { temperature: 9 }],
  "failed before": ["fault-500", {}],
};

// The class that is thrown, its status, and of a 400 whether it names the field, of a 429 whether it says when to come.
async function refused(of, ask, model, more, whose = "own") {
  try {
    const made = await ask(model, HELLO, more, whose);
    if (more.stream) await all(made);
  } catch (error) {
    if (!(error instanceof of.APIError)) return `${error.name}: ${error.message}`;
    const headers = error.headers ?? {};
    const later = typeof headers.get === "function" ? headers.get("retry-after") : headers["retry-after"];
    const told = { 400: error.message.includes("temperature"), 429: Boolean(later) };
    return [error.constructor.name, error.status ?? null, told[error.status] ?? null];
  }
  return "not refused";
}

async function told(checks, of, ask) {
  const found = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      found[name] = await check();
    } catch (error) {
      found[name] = `${error.constructor.name}: ${error.message}`.slice(0, 500);
    }
  }
  for (const [name, [model, more, whose]] of Object.entries(REFUSED)) {
    found[name] = await refused(of, ask, model, more, whose);
    found[`${name}, streamed`] = await refused(of, ask, model, { ...more, stream: true }, whose);
  }
  found["failed in the middle"] = await refused(of, ask, "fault-cut-at-5", { stream: true });
  return found;
}

const isNew = "responses" in openai();
const theirs = "models" in anthropic() ? { ...ANTHROPICS, ...ANTHROPICS_NEWER } : ANTHROPICS;
const found =
  process.argv[2] === "openai"
    ? await told(isNew ? { ...OPENAIS, ...OPENAIS_NEWER } : OPENAIS, OpenAI, chat)
    : await told(theirs, Anthropic, message);
console.log(JSON.stringify(found));
