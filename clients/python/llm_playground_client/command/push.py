"""`playground push`: files into templates, all of them or none, after the service has told what would happen."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from llm_playground_client.client import Client
from llm_playground_client.command import exits
from llm_playground_client.errors import ProblemError
from llm_playground_client.folder import FORMAT, entries_in, path_of, read

DONE_WORDS = {"create": "created", "update": "updated", "skip": "skipped"}


def push(client: Client, asked: argparse.Namespace) -> int:
    """Imports the files as one document; a conflict leaves everything as it is."""
    paths = [path_of(asked.folder, slug) for slug in asked.slugs] or sorted(asked.folder.glob("*.json"))
    if not paths:
        raise exits.Stop(exits.USAGE, f"There is no template in {asked.folder}.")
    named = [(path, entry) for path in paths for entry in entries_in(read(path), name=str(path))]
    document = {"format": FORMAT, "version": 1, "templates": [entry for _, entry in named]}
    files = [path for path, _ in named]
    plan = _imported(client, document, files, dry_run=True)
    in_conflict = any(each["action"] == "conflict" for each in plan["entries"])
    if asked.dry_run or in_conflict:
        _tell(plan, files)
        if in_conflict:
            raise exits.Stop(exits.CONFLICT, "Nothing was pushed: pull, look at the difference, and push again.")
        return exits.DONE
    done = _imported(client, document, files, dry_run=False)
    _tell(done, files)
    if any(each["action"] == "conflict" for each in done["entries"]):
        raise exits.Stop(exits.CONFLICT, "Somebody else was quicker: pull, and push again.")
    if asked.label:
        for each in done["entries"]:
            version = client.get_template(each["id"]).version
            client.move_label(each["id"], asked.label, version)
            print(f"{asked.label} of {each['name']} is version {version}")
    return exits.DONE


def _imported(client: Client, document: dict[str, Any], files: list[Path], *, dry_run: bool) -> dict[str, Any]:
    try:
        return client.import_(document, dry_run=dry_run)
    except ProblemError as problem:
        for error in problem.errors:
            print(f"{_place(error.field, files)}: {error.message}", file=sys.stderr)
        raise exits.Stop(exits.REFUSED, f"Nothing was pushed: {problem.detail}") from None


def _place(field: str, files: list[Path]) -> str:
    """`templates.2.name` with the file that it stands in."""
    _, _, rest = field.partition("templates.")
    number, _, inner = rest.partition(".")
    return f"{files[int(number)]}: {inner}" if number.isdigit() and int(number) < len(files) else field


def _tell(plan: dict[str, Any], files: list[Path]) -> None:
    for each in plan["entries"]:
        word = each["action"] if plan["dry_run"] else DONE_WORDS.get(each["action"], each["action"])
        print(f"{word} {files[each['index']]}: {each['reason']}")
        for note in each["notes"]:
            print(f"  {note}", file=sys.stderr)
