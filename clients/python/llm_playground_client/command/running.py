"""`playground run`: a run whose answer goes to standard output as it comes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from llm_playground_client.client import Client
from llm_playground_client.command import exits
from llm_playground_client.streaming import Stream


def run(client: Client, asked: argparse.Namespace) -> int:
    """Prints the answer; Ctrl-C and a closed pipe cancel the run."""
    if (asked.slug is None) == (asked.prompt is None):
        raise exits.Stop(exits.USAGE, "Give the slug of a template, or --prompt.")
    if asked.slug is None and (asked.label or asked.version):
        raise exits.Stop(exits.USAGE, "--label and --version belong to a template.")
    written = dict(_pair(each) for each in asked.variables)
    written |= {name: _text_of(path) for name, path in map(_pair, asked.files)}
    stream = client.stream(
        asked.slug,
        prompt=None if asked.prompt is None else _text_of("-") if asked.prompt == "-" else asked.prompt,
        label=asked.label,
        version=asked.version,
        variables=_typed(client, asked, written),
        model_id=asked.model,
    )
    with stream:
        _print(stream, is_json=asked.json)
    ended = stream.execution
    if ended is None or ended.status != "completed":
        why = (ended.error or f"The run was {ended.status}.") if ended else "The run did not end."
        raise exits.Stop(exits.REFUSED, f"{why} (execution {stream.execution_id})")
    return exits.DONE


def _print(stream: Stream, *, is_json: bool) -> None:
    at_line_start = True
    for event in stream:
        if event.text and not is_json:
            print(event.text, end="", flush=True)
            at_line_start = event.text.endswith("\n")
    if is_json and stream.execution:
        print(json.dumps(stream.execution.shape, ensure_ascii=False, indent=2))
    elif not at_line_start:
        print()


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise exits.Stop(exits.USAGE, f"{text!r} is no NAME=VALUE.")
    return name.strip(), value


def _text_of(path: str) -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig") if path == "-" else Path(path).read_text("utf-8-sig")
    except UnicodeError:
        raise exits.Stop(exits.USAGE, f"{path} is not in UTF-8.") from None


def _typed(client: Client, asked: argparse.Namespace, written: dict[str, str]) -> dict[str, Any]:
    """The values: those of variables that are no strings are read as JSON."""
    if not written or asked.slug is None:
        return dict(written)
    template = client.get_template(asked.slug, label=asked.label, version=asked.version)
    kinds = {each["name"]: each.get("type", "string") for each in template.variables}
    values: dict[str, Any] = dict(written)
    for name, text in written.items():
        if kinds.get(name, "string") != "string":
            try:
                values[name] = json.loads(text)
            except ValueError:
                raise exits.Stop(exits.USAGE, f"{name} is of type {kinds[name]}: {text[:60]!r} is no JSON.") from None
    return values
