"""Locks hold for every index: they say what a package is by its hashes, and never where it lies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OF_PYTHON = [*ROOT.glob("*.lock"), *ROOT.glob("*.in"), *(ROOT / "tests" / "sdks").glob("*.lock")]
OF_NPM = sorted((ROOT / "tests" / "sdks").glob("*/package-lock.json"))


@pytest.mark.parametrize("lock", OF_PYTHON, ids=lambda lock: lock.name)
def test_locks_of_python_name_no_index(lock: Path) -> None:
    assert not re.search(r"^\s*(--(extra-)?index-url|--find-links|-i |-f )|https?://|\sgit\+", lock.read_text(), re.M)


@pytest.mark.parametrize("lock", OF_NPM, ids=lambda lock: lock.parent.name)
def test_locks_of_npm_name_no_registry(lock: Path) -> None:
    packages = {name: each for name, each in json.loads(lock.read_text())["packages"].items() if name}
    assert packages
    assert [name for name, each in packages.items() if "resolved" in each or "integrity" not in each] == []


def test_nothing_beside_names_an_index() -> None:
    assert not [*ROOT.glob(".npmrc"), *ROOT.glob("pip.conf"), *(ROOT / "tests" / "sdks").rglob(".npmrc")]
