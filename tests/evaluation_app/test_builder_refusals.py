"""What the builder refuses: at the field of the page, in words, with a link to it on top."""

from __future__ import annotations

import html

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of

JUDGED = {"scorer": "llm_judge", "rubric": "It names the city.", "judge_model_id": "PROVIDER/echo"}


@pytest.mark.parametrize(
    ("typed", "place", "reason"),
    [
        ({"scorer": "semantic", "threshold": "1.5"}, "threshold", "A number from 0 to 1 is expected."),
        ({"scorer": "semantic", "threshold": "nan"}, "threshold", "A number from 0 to 1 is expected."),
        ({**JUDGED, "rubric": " "}, "rubric", "Say what makes an answer good."),
        ({**JUDGED, "judge_model_id": "none"}, "judge_model_id", "Name the model that judges as provider/model"),
        ({**JUDGED, "judge_model_id": "nowhere/x"}, "judge_model_id", "There is no such provider here."),
        ({"model_id": "nowhere/x"}, "model_id", "There is no such provider here."),
        ({"other_model_id": "nowhere/x"}, "other_model_id", "There is no such provider here."),
        ({"other_model_id": "PROVIDER/echo, nowhere/x"}, "other_model_id", "There is no such provider here."),
        ({"other_model_id": ", ".join(["PROVIDER/echo"] * 8)}, "other_model_id", "8"),
        ({"runs": "many"}, "runs", "Runs must be a whole number."),
    ],
)
async def test_a_refusal_stands_at_its_field_in_words(
    author: Person, provider: str, typed: dict[str, str], place: str, reason: str
):
    form = {
        "name": "Refused", "prompt": "Say {{word}}", "model_id": f"{provider}/echo", "scorer": "contains", "runs": "1",
        "cases": "word\texpected\none\tone", **typed,
    }  # fmt: skip
    form = {name: value.replace("PROVIDER", provider) for name, value in form.items()}
    mine = await in_database_thread(browser_of, author)
    page = await mine.post("/evaluations/new", form=form)
    assert page.status in (400, 404)
    assert reason in html.unescape(page.text.partition(f'id="error-{place}"')[2].partition("</p>")[0])
    notice = page.text.partition('id="refused"')[2].partition("</p>")[0]
    assert [f'href="#{place}"' in notice, notice.count("href=")] == [True, 1]
    assert "/api/" not in page.text.partition("<main")[2]
    plan = await mine.post("/evaluations/plan", form=form)
    assert reason in html.unescape(plan.text)


async def test_all_that_is_wrong_is_told_at_once(author: Person, provider: str):
    form = {
        "name": "Refused", "prompt": "Say {{word}}", "model_id": f"{provider}/echo", "scorer": "contains",
        "runs": "many", "temperature": "warm", "max_tokens": "1,5", "cases": "word\texpected\none\tone",
    }  # fmt: skip
    mine = await in_database_thread(browser_of, author)
    page = await mine.post("/evaluations/new", form=form)
    notice = page.text.partition('id="refused"')[2].partition("</p>")[0]
    assert [name for name in ("runs", "temperature", "max_tokens") if f'href="#{name}"' in notice] == [
        "runs",
        "temperature",
        "max_tokens",
    ]


async def test_what_no_field_shows_stands_on_top(author: Person, provider: str):
    mine = await in_database_thread(browser_of, author)
    unknown = "0190aaaa-0000-7000-8000-000000000000"
    form = {"name": "X", "template_id": unknown, "model_id": f"{provider}/echo", "cases": "", "runs": "1"}
    page = await mine.post("/evaluations/new", form=form)
    assert page.status == 404
    notice = page.text.partition('id="refused"')[2].partition("</p>")[0]
    assert "template" in notice.lower()
