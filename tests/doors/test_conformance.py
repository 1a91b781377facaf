"""What the doors do is what the document says: schemathesis asks each of them, by the document, as somebody signed in.

`SCHEMATHESIS_EXAMPLES=200 make test ARGS="-n 0 tests/doors/test_conformance.py"` is the long form.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cast import Person
from tests.doors.test_schema import operations

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
"""Cases of each operation and phase that are made by chance."""
IS_SHORT = EXAMPLES <= 20
PATIENCE = 900.0 if IS_SHORT else 7_200.0
MODEL_OF_THE_EXAMPLES = "local/smollm2-135m"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
NAMED = {
    "sessions": r"^/api/sessions",
    "templates": r"^/api/templates",
    "executions": r"^/api/(prompts|executions|comparisons|comments)",
    "evaluations": r"^/api/(evaluation|datasets|reviews|suites)",
    "vendors": r"^/(v1|mcp)",
}
GROUPS = {**NAMED, "others": f"^/(?!{'|'.join(each.removeprefix('^/') for each in NAMED.values())})"}
"""Run apart, so that each ends in time."""
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
"""Each exception in it bears its reason."""


async def things_of(author: Person, model: str) -> dict[str, Any]:
    """One thing of each kind, by the name that it has in addresses."""
    session = await author.post("/api/sessions", {"name": "Conformance"})
    template = await author.post("/api/templates", {"name": "T", "category": "c", "prompt": "Say {{word}}"})
    template_id = template.body["id"]
    await author.call("PUT", f"/api/templates/{template_id}/labels/production", {"version": 1})
    execution = await author.execute(model, session_id=session.body["id"])
    comment = await author.post(f"/api/executions/{execution.body['id']}/comments", {"text": "Well said"})
    variants = [{"model_id": model, "parameters": {"temperature": each}} for each in (0, 1)]
    comparison = await author.post("/api/comparisons", {"prompt": "Say something", "variants": variants})
    return {
        "session_id": session.body["id"],
        "template_id": template_id,
        "label": "production",
        "execution_id": execution.body["id"],
        "comment_id": comment.body["id"],
        "comparison_id": comparison.body["id"],
        "model_id": model,
    }


async def configuration(author: Person, model: str, schema: dict[str, Any]) -> str:
    """The settings, with things for the addresses; what takes something away has things of its own."""
    lines = [CONFIGURATION.read_text()]
    if IS_SHORT:  # what no door takes is tried by chance, and on purpose by the tests of bad input
        lines.append('[phases.coverage.generation]\nmode = "positive"')
    shared = await things_of(author, model)
    lines.insert(0, f"headers = {{Authorization = {json.dumps(f'Bearer {author.token}')}}}")
    lines += ["[parameters]", *(f'"path.{name}" = {json.dumps(value)}' for name, value in shared.items())]
    for path, method, _ in operations(schema):
        if method == "delete":
            own = await things_of(author, model)
            named = ", ".join(f'"path.{name}" = {json.dumps(value)}' for name, value in own.items())
            lines += ["[[operations]]", f'include-name = "DELETE {path}"', f"parameters = {{{named}}}"]
    # A token that revokes itself answers 401 from there on, which every door may: this one revokes another.
    spent = json.dumps(f"Bearer {Person(author.url, author.user).token}")
    lines += [
        "[[operations]]",
        'include-name = "POST /api/auth/token/revoke"',
        f"headers = {{Authorization = {spent}}}",
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("group", GROUPS)
async def test_every_door_does_what_the_document_says(group: str, author: Person, provider: str, tmp_path: Path):
    model = f"{provider}/echo"
    document = (await author.get("/api/schema")).body
    described = json.dumps(document).replace(MODEL_OF_THE_EXAMPLES, model)
    (tmp_path / "openapi.json").write_text(described)
    (tmp_path / "schemathesis.toml").write_text(await configuration(author, model, document))
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", "schemathesis.toml", "run", "openapi.json", "--url", author.url),
        *("--include-path-regex", GROUPS[group]),
        *("--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1"),
        *("--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "60"),
        *("--no-shrink", "--no-color", "--warnings", "off", "--continue-on-failure"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            told, _ = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
    assert program.returncode == 0, told.decode()
