"""`playground pull`: templates into files, one each, that git can tell apart."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm_playground_client.client import Client
from llm_playground_client.command import exits
from llm_playground_client.errors import ProblemError, UnreadableFile
from llm_playground_client.folder import entries_in, path_of, read, written


def pull(client: Client, asked: argparse.Namespace) -> int:
    """Writes a file for each template, or none where one holds changes that were never pushed."""
    files: dict[Path, str] = {}
    for entry in _entries(client, asked):
        path = path_of(asked.folder, str(entry.get("slug") or ""))
        if path in files:
            raise exits.Stop(exits.CONFLICT, f"Two templates would be {path}: pull them into folders of their own.")
        files[path] = written(entry)
    changed = {path: text for path, text in files.items() if not path.exists() or read(path) != text}
    unpushed = [] if asked.force else [path for path in changed if path.exists() and _holds_more(client, path)]
    if unpushed:
        names = ", ".join(map(str, unpushed))
        raise exits.Stop(exits.CONFLICT, f"Not pushed yet: {names}. Push first, or --force to lose the changes.")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for path, text in changed.items():
        _write(path, text)
    for path in files:
        print(f"{'written' if path in changed else 'as it was'} {path}")
    if not files:
        print("There is no template to pull.", file=sys.stderr)
    return exits.DONE


def _entries(client: Client, asked: argparse.Namespace) -> list[dict[str, Any]]:
    names = asked.slugs or [each["id"] for each in client.templates(owner="me", **_labelled(asked.label))]
    found = [entry for name in names for entry in entries_in(client.export(name), name=name)]
    if asked.slugs and asked.label:
        lacking = [entry["slug"] for entry in found if asked.label not in entry["labels"]]
        if lacking:
            raise exits.Stop(exits.REFUSED, f"Without the label {asked.label}: {', '.join(lacking)}.")
    return found


def _labelled(label: str | None) -> dict[str, str]:
    return {"label": label} if label else {}


def _holds_more(client: Client, path: Path) -> bool:
    """Whether the service lacks a version of the file: its own import tells."""
    try:
        plan: Mapping[str, Any] = client.import_(json.loads(read(path)), dry_run=True)
    except (ProblemError, ValueError, UnreadableFile):
        return True
    return any(each["action"] != "skip" for each in plan["entries"])


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a program may read the folder while it is pulled."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
