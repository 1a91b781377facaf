"""What each operation asks the service, one call after the other; both clients carry it out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from llm_playground_client.errors import AmbiguousSlug, TemplateNotFound
from llm_playground_client.execution import Execution
from llm_playground_client.messages import Flow, Request, accepted, as_bytes, posted
from llm_playground_client.prompt import Prompt, prompt_of
from llm_playground_client.rendering.values import as_json
from llm_playground_client.template import Template

ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PAGE: Final = 200
RUN_SECONDS: Final = 300.0
"""How long the service itself lets a run take where its parameters say nothing."""
PATIENCE_SECONDS: Final = 30.0
"""For the way there and back."""


class Wanted(NamedTuple):
    """A template by slug, `owner/slug` or id, and which of its versions: a label's, a number's, else the newest."""

    name: str
    label: str | None = None
    version: int | None = None

    @property
    def query(self) -> dict[str, Any]:
        """As the API is asked."""
        asked = {"label": self.label, "version": self.version}
        return {name: value for name, value in asked.items() if value is not None}

    @property
    def slug(self) -> str:
        """The slug alone."""
        return self.name.rpartition("/")[2]


def located(name: str) -> Flow[str]:
    """The id of a template: yours goes before others', and several of others must be told apart by `owner/slug`."""
    if ID.fullmatch(name):
        return name
    owner, _, slug = name.rpartition("/")
    found: list[Mapping[str, Any]] = []
    page = 1
    while True:
        query: dict[str, Any] = {"slug": slug, "page_size": PAGE, "page": page}
        rows, is_more = accepted((yield Request("GET", "/api/templates", query))).json_page("id", "role", "owner")
        found += rows
        if not is_more:
            break
        page += 1
    return str(_chosen(found, owner, slug)["id"])


def _chosen(found: Sequence[Mapping[str, Any]], owner: str, slug: str) -> Mapping[str, Any]:
    if owner:
        found = [each for each in found if owner in (each["owner"]["name"], each["owner"]["id"])]
    elif mine := [each for each in found if each["role"] == "owner"]:
        found = mine
    if not found:
        raise TemplateNotFound(f"There is no template {f'{owner}/{slug}' if owner else slug!r} that you may see.")
    if len(found) > 1:
        names = [each["owner"]["name"] for each in found]
        raise AmbiguousSlug(
            slug,
            sorted(f"{each['owner']['name' if names.count(each['owner']['name']) == 1 else 'id']}/{slug}"
                   for each in found),
        )  # fmt: skip
    return found[0]


def fetched(wanted: Wanted, *, known: Template | None = None) -> Flow[Template]:
    """The version that is wanted; `known` is what was had before, and comes back when nothing has changed."""
    if known is not None and known.id:
        template = yield from _retrieved(known.id, wanted, known)
        # A slug that was given away may be another template's by now.
        if template is not None and (ID.fullmatch(wanted.name) or template.slug == wanted.slug):
            return template
    template = yield from _retrieved((yield from located(wanted.name)), wanted, None)
    if template is None:
        raise TemplateNotFound(f"The template {wanted.name!r} is gone.")
    return template


def _retrieved(template_id: str, wanted: Wanted, known: Template | None) -> Flow[Template | None]:
    headers = {"If-None-Match": known.etag} if known is not None and known.etag else {}
    query = {**wanted.query, "expanded": "true"}
    answer = yield Request("GET", f"/api/templates/{template_id}", query, headers)
    if answer.status == 304 and known is not None:
        return Template(known.shape, etag=known.etag)
    if answer.status == 404 and known is not None and not ID.fullmatch(wanted.name):
        return None  # looked for anew by its name
    return Template(accepted(answer).json_object("id", "version", "prompt"), etag=answer.headers.get("etag", ""))


def rendered(template: Template, variables: Mapping[str, Any]) -> Flow[Prompt]:
    """The prompt as the service renders it."""
    body = {"variables": as_json(variables), "version": template.version}
    # Changes nothing: it may be sent twice.
    answer = accepted((yield posted(f"/api/templates/{template.id}/render", body)))
    return prompt_of(template, answer.json_object("prompt", "messages"))


def run_of(
    wanted: Wanted | None, variables: Mapping[str, Any] | None, fields: Mapping[str, Any]
) -> Flow[dict[str, Any]]:
    """The body of the execution doors."""
    body = {name: value for name, value in fields.items() if value is not None}
    if variables:
        body["variables"] = as_json(variables)
    if wanted is not None:
        body |= {"template_id": (yield from located(wanted.name)), **wanted.query}
    return body


def executed(
    wanted: Wanted | None, variables: Mapping[str, Any] | None, fields: Mapping[str, Any], *, key: str | None
) -> Flow[Execution]:
    """A run, waited for to its end; raises ProblemError when it failed."""
    body = yield from run_of(wanted, variables, fields)
    seconds = float((body.get("parameters") or {}).get("timeout") or RUN_SECONDS) + PATIENCE_SECONDS
    request = posted("/api/prompts/execute", body, key=key, seconds=seconds)
    return Execution(accepted((yield request)).json_object("id", "status"))


def execution(execution_id: str, *, cancels: bool = False) -> Flow[Execution]:
    """A run as it is now; `cancels` asks it to stop."""
    path = f"/api/executions/{quote(execution_id, safe='')}"
    request = posted(f"{path}/cancel", {}) if cancels else Request("GET", path)
    return Execution(accepted((yield request)).json_object("id", "status"))


def imported(document: str | bytes | Mapping[str, Any], *, dry_run: bool) -> Flow[dict[str, Any]]:
    """What an import did or would do: created, updated, skipped, and an entry a template."""
    body = document.encode() if isinstance(document, str) else document
    request = posted("/api/templates/import", body, query={"dry_run": "true"} if dry_run else {})
    return accepted((yield request)).json_object("entries")


def exported(name: str | None, *, format: str, query: Mapping[str, Any]) -> Flow[str]:
    """A template, or all of yours, as a file's text."""
    path = "/api/templates/export" if name is None else f"/api/templates/{(yield from located(name))}/export"
    asked = {key: value for key, value in query.items() if value is not None}
    return accepted((yield Request("GET", path, {"format": format, **asked}))).body.decode()


def listed(query: Mapping[str, Any]) -> Flow[list[dict[str, Any]]]:
    """Every template that the query of GET /api/templates asks for."""
    found: list[dict[str, Any]] = []
    while True:
        asked = {**query, "page_size": PAGE, "page": len(found) // PAGE + 1}
        rows, is_more = accepted((yield Request("GET", "/api/templates", asked))).json_page("id", "slug")
        found += rows
        if not is_more:
            return found


def labelled(name: str, label: str, version: int) -> Flow[None]:
    """Points a label at a version."""
    path = f"/api/templates/{(yield from located(name))}/labels/{quote(label, safe='')}"
    headers = {"Content-Type": "application/json"}
    accepted((yield Request("PUT", path, headers=headers, body=as_bytes({"version": version}))))
