"""A folder of pulled templates: a file each, named by its slug, in the service's own export format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from llm_playground_client.errors import TemplateNotFound, UnreadableFile
from llm_playground_client.flows import Wanted
from llm_playground_client.template import Template

FORMAT: Final = "llm-playground-templates"
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def path_of(folder: Path, slug: str) -> Path:
    """Where a template is kept; raises TemplateNotFound for what is no slug, so that no path leaves the folder."""
    if not _SLUG.fullmatch(slug):
        raise TemplateNotFound(f"{slug!r} is no slug.")
    return folder / f"{slug}.json"


def written(entry: Mapping[str, Any]) -> str:
    """A template's file: the same text for the same template, a line a value."""
    document = {"format": FORMAT, "version": 1, "templates": [entry]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def entries_in(text: str, *, name: str) -> list[dict[str, Any]]:
    """The templates of an export document; raises UnreadableFile."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name} is no JSON: {error}.") from None
    entries = document.get("templates") if isinstance(document, dict) and document.get("format") == FORMAT else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise UnreadableFile(f"{name} is no document of templates ({FORMAT}).")
    return entries


def read(path: Path) -> str:
    """A file's text; raises UnreadableFile."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not in UTF-8"
        raise UnreadableFile(f"{path} cannot be read: {reason}.") from None


def template_in(folder: Path, wanted: Wanted) -> Template | None:
    """The version that is wanted, None when the folder has no such file; raises UnreadableFile, TemplateNotFound."""
    path = path_of(folder, wanted.slug)
    if not path.exists():
        return None
    entry = next(iter(entries_in(read(path), name=str(path))), None)
    if entry is None:
        return None
    try:
        return _template(entry, wanted)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableFile(f"{path} is not as it was pulled: a version lacks what it needs.") from None


def _template(entry: Mapping[str, Any], wanted: Wanted) -> Template:
    versions = {int(each["number"]): each for each in entry["versions"]}
    number = max(versions) if wanted.version is None else wanted.version
    if wanted.label is not None:
        number = (entry.get("labels") or {}).get(wanted.label, 0)
    if number not in versions:
        what = f"label {wanted.label!r}" if wanted.label is not None else f"version {wanted.version}"
        raise TemplateNotFound(f"The file of {wanted.slug} has no {what}.", "no_such_version")
    version = versions[number]
    definitions = [{"name": each} if isinstance(each, str) else dict(each) for each in version.get("variables") or ()]
    shape = {**version, "id": entry.get("id"), "slug": entry.get("slug") or wanted.slug, "version": number}
    template = Template({**shape, "variable_definitions": definitions}, source="file")
    _look(template)
    return template


def _look(template: Template) -> None:
    """Raises what `_template` raises where the file was edited to something else than a template."""
    if not isinstance(template.shape.get("prompt") or "", str):
        raise TypeError("prompt")
    for each in template.variables:
        each["name"], dict(each)
    for each in template.messages:
        if "placeholder" not in each:
            each["role"], each["content"]
