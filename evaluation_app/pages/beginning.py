"""What the builder begins with: a template, a prompt, or a run of the playground with everything that it was asked."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from accounts.models import User
from evaluation_app.models import Dataset
from evaluation_app.pages.forms import BESIDE, BY_EXPECTED, EXPECTED, FURTHER, TestForm
from foundation.words import counted
from playground import together
from playground.models import PromptExecution
from providers.parts import shapes
from templates_app.rendering.plain import as_text

FIRST: Final = {"runs": "5", "scorer": "contains"}
OF_ONE_RUN: Final = frozenset({"cache", "max_cost"})
"""Parameters that mean nothing in a test (no sample comes from the cache), or another thing: `max_cost` is of all."""
LONGEST_NAME: Final = 60


def begun(user: User, asked: Mapping[str, str]) -> TestForm:
    """The form of an address: `repeat`, `rows`, `execution` (`scorer`, `expected`), `template`, `dataset`, `prompt`."""
    check = _check(asked)
    if "rows" in asked:
        runs = _found(user, asked["rows"], repeated=True)
        return _form({**check, **_of_rows(runs)}, runs)
    if "repeat" in asked:
        runs = _found(user, asked["repeat"], repeated=True)
        times = {"runs": str(max(len(runs), 1))}
        return _form({**check, **(_of_run(runs[0], asked.get(EXPECTED, "")) if runs else {}), **times}, runs)
    if "execution" in asked:
        runs = _found(user, asked["execution"], repeated=False)
        return _form({**check, **(_of_run(runs[0], asked.get(EXPECTED, "")) if runs else {})}, runs)
    given = {name: asked.get(name, "") for name in ("prompt", "system_prompt", "model_id", "name", "split")}
    if dataset := _dataset(user, asked.get("dataset", "")):
        given["dataset_id"] = str(dataset.id)
        if dataset.template_id and "template" not in asked:
            given["template_id"] = str(dataset.template_id)
    if template := asked.get("template"):
        given |= {"template_id": template, "version": asked.get("version", "")}
    return _form({**check, **given})


def _form(given: Mapping[str, str], runs: Sequence[PromptExecution] = ()) -> TestForm:
    return TestForm({**FIRST, **given}, left=_left(runs[0]) if runs else "")


def _dataset(user: User, identifier: str) -> Dataset | None:
    try:
        return Dataset.objects.visible_to(user).in_use().filter(id=uuid.UUID(identifier)).first()
    except ValueError:
        return None


def _check(asked: Mapping[str, str]) -> dict[str, str]:
    scorer = asked.get("scorer", "")
    return {"scorer": scorer} if scorer in BY_EXPECTED else {}


def _found(user: User, identifier: str, *, repeated: bool) -> Sequence[PromptExecution]:
    try:
        wanted = uuid.UUID(identifier)
    except ValueError:
        return ()
    if repeated:
        return together.executions_of(user, wanted)
    return list(PromptExecution.objects.visible_to(user).filter(id=wanted).select_related("template_version"))


def _of_run(run: PromptExecution, expected: str) -> dict[str, str]:
    """What a run asked: its template or its own prompt, as it was before its values stood in it; values, parameters."""
    asked = run.request or {}
    values: Mapping[str, Any] = asked.get("variables") or {}
    told = {"model_id": run.model_id, "cases": table([{**values, EXPECTED: expected}] if values or expected else [])}
    told |= _parameters(run)
    if beside := _beside(run):
        told[BESIDE] = orjson.dumps(beside).decode()
    if template := asked.get("template"):
        return {**told, "template_id": template["id"], "version": str(template["version"])}
    source = {**asked, **asked.get("source", {})}
    texts = {name: str(source.get(name) or "") for name in ("prompt", "system_prompt")}
    name = " ".join(texts["prompt"].split())
    return {**told, **texts, "name": name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"}


def _beside(run: PromptExecution) -> dict[str, Any]:
    """What goes along with its prompt. A version's own tools and turns stay the version's: it brings them by itself."""
    asked, version = run.request or {}, run.template_version
    files = [_attachment(part) for part in asked.get("parts") or () if part.get("type") != "text"]
    content, is_own = version.content if version else None, (asked.get("template") or {}).get("own_messages")
    told = {
        "messages": [] if content and content.messages and not is_own else asked.get("messages"),
        "attachments": [each for each in files if each],
        "context": asked.get("context"),
        "tools": [] if content and content.tools else asked.get("tools"),
    }
    return {name: value for name, value in told.items() if value}


def _attachment(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """A picture or file as a test's body takes it; None of a picture that only its provider can fetch."""
    if part.get("type") in shapes.OURS:
        return dict(part)
    url = str((part.get("image_url") or {}).get("url") or "").lstrip()
    return {"type": "image", "data_url": url} if url[:5].lower() == "data:" else None


def _left(run: PromptExecution) -> str:
    """What of a run does not go along, in a sentence."""
    parts = (run.request or {}).get("parts") or ()
    count = sum(part.get("type") != "text" and _attachment(part) is None for part in parts)
    if not count:
        return ""
    told = counted(count, "picture that stands", "pictures that stand")
    return f"The run had {told} on another server: send them as files, for a test to go along with them."


def _of_rows(runs: Sequence[PromptExecution]) -> dict[str, str]:
    """What the first of them asked, with the values of each for a case."""
    if not runs:
        return {}
    values = [(run.request or {}).get("variables") or {} for run in runs]
    names = dict.fromkeys(name for row in values for name in row)
    cases = [{**{name: row.get(name, "") for name in names}, EXPECTED: ""} for row in values]
    return {**_of_run(runs[0], ""), "cases": table(cases)}


def _parameters(run: PromptExecution) -> dict[str, str]:
    """A field's own where there is one, the others as JSON."""
    given = {name: value for name, value in (run.parameters or {}).items() if name not in OF_ONE_RUN}
    if run.template_version and run.template_version.content.response_format is not None:
        given.pop("response_format", None)  # the version's own, with its name
    own = {name: str(given.pop(name)) for name in ("temperature", "max_tokens") if given.get(name) is not None}
    return {**own, **({FURTHER: orjson.dumps(given).decode()} if given else {})}


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Cases as a spreadsheet has them: a line of names, then a line a case; empty without rows."""
    if not rows:
        return ""
    written = io.StringIO()
    lines = csv.writer(written, delimiter="\t", lineterminator="\n")
    lines.writerow(rows[0])
    lines.writerows(_without_empty_end([as_text(value) for value in row.values()]) for row in rows)
    return written.getvalue().removesuffix("\n")


def _without_empty_end(cells: list[str]) -> list[str]:
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells
