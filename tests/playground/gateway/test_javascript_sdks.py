"""T37: OpenAI's and Anthropic's npm packages, old and new, with nothing changed but address and key."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from scripts import consumers
from tests.playground.gateway.sdks import PROGRAMS, Asking, asking
from tests.playground.gateway.test_python_sdks import BERN, BY_ANTHROPIC, BY_OPENAI, OPENAIS_RESPONSES

__all__ = ["asking"]

STATUSES = {"bad token": 401, "out of scope": 403, "used up": 429, "no such model": 404, "wrong value": 400}
THEIRS = {
    name: told if name.partition(",")[0] not in {*STATUSES, "failed before"} else
    [told[0], STATUSES.get(name.partition(",")[0], 502), told[2]]
    for name, told in BY_ANTHROPIC.items()
}  # fmt: skip
"""Their errors as JavaScript tells them, which has the status in the place of the kind."""


AGES = pytest.mark.parametrize("age", ["gateway-oldest", "gateway-newest"])


async def told_by(asking: Asking, vendor: str, age: str, folder: Path) -> dict[str, Any]:
    """What the vendor's package of this age made of the answers."""
    node, packages = shutil.which("node"), consumers.packages(age)
    if node is None or not packages.exists():
        pytest.skip("NOT TRIED: npm packages are not installed; `make test` does, where there is npm and its registry.")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(packages / "node_modules")
    shutil.copy(PROGRAMS / "ask.mjs", folder)
    return await asking.by([node, "ask.mjs", vendor], {}, folder)


@AGES
async def test_openais_npm_package_old_and_new(asking: Asking, age: str, tmp_path: Path):
    wanted = {**BY_OPENAI, "models": [True, asking.given["template"], "model"]}
    if age == "gateway-newest":
        wanted |= {"parsed": ["city"], "helper_stream": ["tool_calls", BERN], **OPENAIS_RESPONSES}
    assert await told_by(asking, "openai", age, tmp_path) == wanted


@AGES
async def test_anthropics_npm_package_old_and_new(asking: Asking, age: str, tmp_path: Path):
    # The older tells of every error in a stream as one of the connection.
    wanted = {**THEIRS, "failed in the middle": ["APIConnectionError", None, None]}
    if age == "gateway-newest":
        wanted |= {"models": [True, asking.given["template"], "model"], "counted": True}
        wanted["failed in the middle"] = ["APIError", None, None]
    assert await told_by(asking, "anthropic", age, tmp_path) == wanted
