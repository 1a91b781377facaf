"""`manage.py evaluate`: a pipeline hears in a sentence a test, by files, and by the exit code."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from xml.etree import ElementTree

from django.conf import settings

from tests.cast import Person
from tests.evaluation_app.gating import Gated, body
from tests.playground.conftest import Ledger


async def evaluate(*arguments: str) -> tuple[int, str, str]:
    """Its exit code, what it printed, and what it complained of: as a shell starts it."""
    command = [sys.executable, "manage.py", "evaluate", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=settings.BASE_DIR, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_pipeline_hears_whether_the_version_may_go_out(
    author: Person, provider: str, ledger: Ledger, tmp_path: Path
):
    gated = await Gated.make(author, provider)
    suite = await gated.with_suite(name=f"S {gated.id}", tests=[
        body(gated.id, gated.model_id, name="First"), body(gated.id, gated.model_id, name="Second @all"),
    ])  # fmt: skip
    code, out, err = await evaluate(suite["id"])
    assert (code, err) == (0, ""), out + err
    assert "passed      First: There was nothing to compare with. 12 of 12 answers pass." in out
    assert "passed      Second @all:" in out
    await gated.version("Tell {{word}}")
    files = ["--junit", str(tmp_path / "j.xml"), "--markdown", str(tmp_path / "m.md")]
    code, out, _ = await evaluate(suite["name"], "--fail-on-regression", *files)
    assert code == 1
    assert "FAILED      First: Worse than the last run that passed by 100 points" in out
    root = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert [each.get("name") for each in root] == ["First: First", "Second @all: Second @all", "Verdicts"]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("14", "14", "0")
    assert root[2][0].find("failure").get("message").startswith("Worse than")  # type: ignore[union-attr]
    report = (tmp_path / "m.md").read_text()
    assert report.startswith(f"# S {gated.id}".replace("-", "\\-"))
    assert report.index("Worse than") < report.index("## First") < report.index("## Second")
    assert "@all" not in report
    assert (await evaluate(suite["id"]))[0] == 0  # told, and not failed by
    assert (await evaluate(suite["id"], "--version", "1", "--fail-on-regression"))[0] == 0
    assert len(await ledger.calls(gated.model)) == 24 * 4


async def test_what_cannot_be_run_is_another_code(author: Person, provider: str, tmp_path: Path):
    code, out, err = await evaluate("no such suite")
    assert (code, out) == (2, "")
    assert "there is no suite" in err
    gated = await Gated.make(author, provider, model="fault-500")
    suite = await gated.with_suite()
    code, _, err = await evaluate(suite["id"], "--version", "9")
    assert code == 2
    assert "no version 9" in err
    code, out, _ = await evaluate(suite["id"], "--junit", str(tmp_path / "j.xml"))
    assert code == 2
    assert "NOT JUDGED  Says it: no answer was judged" in out
    root = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert root[-1][0].find("error") is not None
    code, _, err = await evaluate(suite["id"], "--markdown", str(tmp_path / "no" / "such" / "place.md"))
    assert code == 2
    assert "cannot be written" in err


async def test_a_failure_that_is_no_regression_fails_without_being_asked(author: Person, provider: str):
    gated = await Gated.make(author, provider, prompt="Tell {{word}}")
    suite = await gated.with_suite()
    code, out, _ = await evaluate(suite["id"])
    assert code == 1
    assert "at least 50 % must" in out
