"""Those who run what we hand out: SDKs in their oldest and newest version, and promptfoo. Standard library only.

Two versions of a package do not live in one environment, so each lies in a folder of its own, in the user's cache: once
for a machine, whatever checkouts there are. The other packages that an SDK imports are those of the tests.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-playground-tests"
GATEWAYS: Final = ("gateway-oldest", "gateway-responses")
"""Older than what we hand out programs for: who asks our own doors has whatever they have."""
LOCKS: Final = {name: ROOT / "tests" / "sdks" / f"{name}.lock" for name in ("oldest", "newest", *GATEWAYS)}
WHOLE: Final = {"gateway-oldest"}
"""With all that they import: they do not run on the packages of the tests."""
OF_NPM: Final = ("oldest", "newest", "gateway-oldest", "gateway-newest")
PACKAGES: Final = {name: ROOT / "tests" / "sdks" / f"npm-{name}" for name in OF_NPM}
"""Folders with a package.json and its lock, which names integrity hashes and no registry."""
PROMPTFOO: Final = "0.123.1"
PATIENCE: Final = 300
"""Seconds that one of them may take: without an index nobody waits for its tests."""


def sdks(name: str) -> Path:
    """Where the SDKs of a lock file lie, once they are installed."""
    return CACHE / f"sdks-{hashlib.sha256(LOCKS[name].read_bytes()).hexdigest()[:16]}"


def packages(name: str) -> Path:
    """Where the npm packages of a lock lie, once they are installed."""
    lock = PACKAGES[name] / "package-lock.json"
    return CACHE / f"npm-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"


def npm_locks() -> Iterator[tuple[str, list[str]]]:
    """The commands by which npm resolves its locks anew: the newest by name, since npm itself prefers older versions
    that are said to run on its own Node.js."""
    words = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts", "--no-audit", "--no-fund"]
    newest = ["install", "--save-exact", "openai@latest"]
    asked = {
        "oldest": ["update"],
        "newest": [*newest, "typescript@latest"],
        "gateway-oldest": ["update"],
        "gateway-newest": [*newest, "@anthropic-ai/sdk@latest"],
    }
    for name, folder in PACKAGES.items():
        yield f"{folder.name}/package-lock.json", ["npm", *asked[name], *words, "--prefix", str(folder)]


def promptfoo() -> Path:
    """Where promptfoo lies, once it is installed."""
    return CACHE / f"promptfoo-{PROMPTFOO}"


def install(python: Path, *, say: Callable[[str], None]) -> None:
    """Installs what is not there yet; what cannot be installed is told, and its tests are skipped by that name."""
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    for name, lock in LOCKS.items():
        words = [*pip, "--no-compile", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
        _put(sdks(name), [*words, "--target"], f"the {name} SDKs", say)
    if npm := shutil.which("npm"):
        # Of all these packages, none needs to run anything to be installed.
        quietly = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix"]
        for name, source in PACKAGES.items():
            _put(packages(name), [npm, "ci", *quietly], f"the {name} npm packages", say, source=source)
        words = [npm, "install", f"promptfoo@{PROMPTFOO}", *quietly]
        _put(promptfoo(), words, f"promptfoo {PROMPTFOO} (a minute, once for this machine)", say)
    else:
        say("There is no npm: exports to TypeScript and promptfoo are not tried with OpenAI's package and promptfoo.")


def _put(folder: Path, words: list[str], name: str, say: Callable[[str], None], *, source: Path | None = None) -> None:
    """Installs beside what stands in `source`, then renames: whoever looks finds all of it or nothing."""
    if folder.exists():
        return
    say(f"Installing {name} …")
    CACHE.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=CACHE, prefix=f"{folder.name}-"))
    if source:
        shutil.copytree(source, beside, dirs_exist_ok=True)
    try:
        subprocess.run([*words, str(beside)], capture_output=True, text=True, check=True, cwd=beside, timeout=PATIENCE)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        told = error.stderr or error.stdout or ""
        said = (told if isinstance(told, str) else told.decode(errors="replace"))[-600:]
        say(f"{name} could not be installed, and what needs it is skipped:\n{said or error}")
        shutil.rmtree(beside, ignore_errors=True)
        return
    try:
        beside.rename(folder)
    except OSError:  # Somebody else was quicker.
        shutil.rmtree(beside, ignore_errors=True)
