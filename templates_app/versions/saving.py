"""What a body of PUT, PATCH or the editor's form makes of a locked template."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from foundation.rest.conditional import etag
from templates_app.bodies import content_of, details_of, stated_content_of, visibility_after
from templates_app.content import Content, Engine
from templates_app.errors import conflict
from templates_app.models import PromptTemplate
from templates_app.rendering.render import used_names
from templates_app.variables.finding import declared
from templates_app.versions.lifecycle import Change

CONTENT = (
    "prompt", "system_prompt", "variables", "default_parameters", "engine",
    "messages", "tools", "response_format", "model_id",
)  # fmt: skip


def new(attrs: Mapping[str, Any], *, found: Collection[str] = ()) -> Change:
    """A new template out of a checked body; nobody declared those of its variables that were `found`."""
    details = details_of(dict(attrs))
    details["visibility"] = visibility_after("private", attrs.get("is_public"))
    content = content_of(dict(attrs))
    if "variables" in attrs:
        content = declared(content, found=found)
    return Change(details, content, attrs.get("note", ""))


def changing(
    attrs: Mapping[str, Any], *, replaces: bool, found: Collection[str] = ()
) -> Callable[[PromptTemplate], Change]:
    """For `versions.save`: `replaces` empties what the body leaves out (PUT), else it stays (PATCH).

    `base_version` in the body that is not the present one is a 409 with both texts. Nobody declared those of the
    body's variables that were `found`.
    """
    if attrs.get("engine") == Engine.JINJA2:
        # Looked at before a row is locked, and remembered: looking at them may have to wait for its turn.
        used_names(stated_content_of(dict(attrs) if attrs.get("messages") else {"prompt": "", **attrs}))

    def change_of(template: PromptTemplate) -> Change:
        details = details_of(dict(attrs))
        if replaces:
            details = {"tags": [], **details}
        details["visibility"] = visibility_after(template.visibility, attrs.get("is_public"))
        before = None if replaces else template.content
        content = content_of(dict(attrs), before=before) if replaces or attrs.keys() & set(CONTENT) else None
        if content is not None and "variables" in attrs:
            content = declared(content, before=template.content if template.current_id else None, found=found)
        base = attrs.get("base_version")
        if base is not None and base != template.version.number and content is not None:
            raise conflict(_version_json(template.content, template.version.number), _version_json(content, base))
        return Change(details, content, attrs.get("note", ""))

    return change_of


def _version_json(content: Content, number: int) -> dict[str, Any]:
    return {"version": number, **content.as_json()}


def tag_of(template: PromptTemplate, number: int) -> str:
    """The ETag of the template as of a version; counters do not change it."""
    return etag(template.id.hex[:8], template.revision, number)
