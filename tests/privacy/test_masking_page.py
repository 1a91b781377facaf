"""The page where curators set what is masked, and try it."""

from __future__ import annotations

import uuid

from foundation.database.threads import in_database_thread
from privacy.models import MaskingRules
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf
from tests.privacy.conftest import spoilt

PATTERNS = "CASE \\bCASE-\\d{6}\\b\r\n\r\nROOM  \\d\\d "


def rules_of(project_id: str) -> MaskingRules:
    """As they are kept."""
    return MaskingRules.objects.get(project_id=project_id)


async def test_rules_are_set_listed_changed_and_removed(curator: Person, browser_of: BrowserOf) -> None:
    browser: Browser = await in_database_thread(browser_of, curator)
    project = f"<b>{uuid.uuid4().hex[:8]}</b> &"
    form = {
        "act": "set", "project_id": f" {project} ", "email": "on", "names": "Ada <i>Canary</i>\r\n\r\n  Bob Ex  ",
        "patterns": PATTERNS, "files": "send",
    }  # fmt: skip
    answer = await browser.post("/settings/masking", form=form)
    assert answer.status == 302
    row = await in_database_thread(rules_of, project)
    assert (row.email, row.phone, row.files, row.names) == (True, False, "send", ["Ada <i>Canary</i>", "Bob Ex"])
    assert [(each.label, each.pattern) for each in row.rules.patterns] == [
        ("CASE", "\\bCASE-\\d{6}\\b"),
        ("ROOM", " \\d\\d "),
    ]
    page = await browser.get("/settings/masking")
    assert "e-mail addresses, 2 names, CASE, ROOM" in page.text
    assert "<b>" not in page.text
    filled = await browser.get(f"/settings/masking?project=%3Cb%3E{project[3:11]}%3C/b%3E%20%26")
    assert "Ada &lt;i&gt;Canary&lt;/i&gt;\nBob Ex</textarea>" in filled.text
    assert "CASE \\bCASE-\\d{6}\\b\nROOM  \\d\\d </textarea>" in filled.text
    assert (await browser.post("/settings/masking/remove", form={"project_id": project})).status == 302
    assert (await browser.post("/settings/masking/remove", form={"project_id": project})).status == 404


async def test_a_text_is_tried_on_rules_that_are_not_set(curator: Person, browser_of: BrowserOf) -> None:
    browser: Browser = await in_database_thread(browser_of, curator)
    text = "<b>ada@example.org</b> and [EMAIL_1], CASE-1"
    form = {"act": "try", "email": "on", "patterns": "CASE CASE-\\d", "files": "refuse", "text": text}
    page = await browser.post("/settings/masking", form=form)
    assert page.status == 200
    sent = "&lt;b&gt;<mark>[EMAIL_2]</mark>&lt;/b&gt; and [EMAIL_1], <mark>[CASE_1]</mark>"
    assert sent in page.text
    assert "email: 1, case: 1" in page.text
    assert "&lt;b&gt;ada@example.org&lt;/b&gt; and [EMAIL_1], CASE-1</p>" in page.text
    none = await browser.post("/settings/masking", form={**form, "text": "Nothing"})
    assert "Nothing is masked in it." in none.text


async def test_faults_are_told_at_their_lines(curator: Person, browser_of: BrowserOf) -> None:
    browser: Browser = await in_database_thread(browser_of, curator)
    form = {"act": "set", "project_id": "p", "files": "refuse"}
    for changed, told in (
        ({"patterns": "\nCASE ("}, "Line 2: No RE2 pattern"),
        ({"patterns": "case x"}, "Line 1: 2 to 32 capitals"),
        ({"patterns": "EMAIL x"}, "Line 1: EMAIL is what a rule of the service is called."),
        ({"patterns": "CASE"}, "Line 1: "),
        ({"patterns": "CASE .*"}, "Line 1: It matches the empty text"),
        ({"patterns": "CASE a\nCASE b"}, "Two patterns are called CASE."),
        ({"names": "Ada\n\n-"}, "Line 3: "),
        ({"names": "Ada\n.-"}, "has no letter."),
        ({"files": "x"}, "Files must be one of "),
        ({"project_id": " "}, "1 to 255 characters"),
        ({"project_id": "p" * 256}, "1 to 255 characters"),
    ):
        page = await browser.post("/settings/masking", form={**form, **changed})
        assert page.status == 400, changed
        assert told in page.text, changed
        assert "To be mended" in page.text, changed
    long = await browser.post("/settings/masking", form={**form, "act": "try", "text": "x" * 100_001})
    assert (long.status, "Up to 100\u202f000 characters" in long.text) == (400, True)


async def test_it_is_for_curators_and_administrators(author: Person, curator: Person, browser_of: BrowserOf) -> None:
    browser: Browser = await in_database_thread(browser_of, author)
    assert (await browser.get("/settings/masking")).status == 403
    assert (await browser.post("/settings/masking", form={"act": "try", "text": "x"})).status == 403
    assert (await browser.post("/settings/masking/remove", form={"project_id": "p"})).status == 403
    assert "/settings/masking" not in (await browser.get("/settings/tokens")).text
    theirs: Browser = await in_database_thread(browser_of, curator)
    assert "/settings/masking" in (await theirs.get("/settings/tokens")).text


async def test_rules_that_cannot_be_read_are_told_and_set_anew(curator: Person, browser_of: BrowserOf) -> None:
    browser: Browser = await in_database_thread(browser_of, curator)
    project = uuid.uuid4().hex
    await in_database_thread(lambda: MaskingRules.objects.create(project_id=project, email=True, names=["Ada Ex"]))
    await in_database_thread(spoilt, project)
    page = await browser.get("/settings/masking")
    assert (page.status, "its calls are refused until its rules are set anew" in page.text) == (200, True)
    assert (await browser.get(f"/settings/masking?project={project}")).status == 200
    listed = (await curator.get("/api/privacy/masking")).body["results"]
    [told] = [each for each in listed if each["project_id"] == project]
    assert (told["is_readable"], told["names"], told["patterns"], told["email"]) == (False, None, None, True)
    answer = await curator.call("PUT", f"/api/privacy/masking/{project}", {"names": ["Bob Ex"]})
    assert (answer.status, answer.body["names"], answer.body["is_readable"]) == (200, ["Bob Ex"], True)
