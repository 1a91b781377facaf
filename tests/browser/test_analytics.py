"""The dashboard in the browser: figures of one's own runs, people chosen, files, keys, a phone, paper."""

from __future__ import annotations

import asyncio
import csv
import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from playwright.sync_api import PdfMargins, ViewportSize, expect

from accounts.models import Role, Standing, Team, TeamMember, User
from playground.engine import lifecycle
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.analytics.test_estimation_quality import ended_test, models  # noqa: F401 - fixture
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_everybody import violations
from tests.cast import Person, new_user
from tests.playground.conftest import make_provider, provider  # noqa: F401 - fixtures

MODELS = ("openai/gpt-4o", "anthropic/claude-sonnet-4", "ollama/llama3")


def runs_of(user: User, count: int, *, days: int = 25) -> None:
    """Runs over some weeks, a few of them failed."""
    source = random.Random(3)
    session = PlaygroundSession.objects.create(user=user, name="Letters to customers")
    made = []
    for number in range(count):
        moment = timezone.now() - timedelta(days=days * number / count, minutes=5)
        status, seconds = ("failed", None) if number % 9 == 8 else ("completed", source.lognormvariate(0.3, 0.6))
        made.append(
            PromptExecution(
                session=session, user=user, model_id=MODELS[number % 5 % 3], request={"prompt": "x"}, status=status,
                error_code=("rate_limited", "timeout_total")[number % 2] if status == "failed" else "",
                prompt_tokens=source.randrange(2_000), completion_tokens=source.randrange(500),
                estimated_cost=Decimal(source.randrange(1, 10_000)) / 100_000, created_at=moment, ended_at=moment,
                execution_time=seconds and Decimal(seconds).quantize(Decimal("0.001")),
                metadata={"time_to_first_token": round(seconds / 4, 3)} if seconds else {},
            )
        )  # fmt: skip
    PromptExecution.objects.bulk_create(made)
    lifecycle.keep([each.id for each in made])


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_was_used_is_seen(visit: Visit, size: ViewportSize, tmp_path: Path) -> None:
    owner = new_user(name="Ada")
    runs_of(owner, 120)
    visitor = visit(user=owner, viewport=size)
    visitor.open("/sessions")
    visitor.page.keyboard.press("g")
    visitor.page.keyboard.press("a")
    page = visitor.page
    expect(page.get_by_role("heading", name="Analytics", exact=True)).to_be_visible()
    runs = page.locator(".tile", has_text="Runs").first
    expect(runs.locator(".tile-value")).to_have_text("120")
    expect(runs).to_contain_text("no run in the period before")
    expect(page.locator("#picture-cost figcaption")).to_contain_text("took")
    expect(page.locator("#picture-latency figcaption")).to_contain_text("Half of the answers were there within")
    expect(page.locator("figure", has_text="most common of 13 failures")).to_be_visible()
    expect(page.get_by_role("link", name="Letters to customers")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(visitor) == []
    with page.expect_download() as waited:
        page.get_by_role("link", name="JSON").click()
    waited.value.save_as(tmp_path / "usage.json")
    assert json.loads((tmp_path / "usage.json").read_bytes())["total"]["executions"] == 120
    with page.expect_download() as waited:
        page.locator("#picture-tokens").get_by_role("link", name="CSV").click()
    waited.value.save_as(tmp_path / "figures.csv")
    rows = list(csv.DictReader((tmp_path / "figures.csv").open(encoding="utf-8-sig")))
    assert sum(int(row["executions"]) for row in rows) == 120
    assert rows[0].keys() >= {"day", "prompt_tokens", "cost", "latency_p95"}
    for name in ("cost", "latency"):
        with page.expect_download() as waited:
            page.locator(f"#picture-{name}").get_by_role("link", name="SVG").click()
        waited.value.save_as(tmp_path / f"{name}.svg")
        drawn = ElementTree.parse(tmp_path / f"{name}.svg").getroot()
        marks = [*drawn.iter("{http://www.w3.org/2000/svg}rect"), *drawn.iter("{http://www.w3.org/2000/svg}circle")]
        assert len(marks) > 20
        assert (drawn.get("aria-label") or "").startswith(page.locator(f"#picture-{name} h2").inner_text())
    # The files are those of the period that is shown.
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(visitor.address + "/analytics?days=7")
    assert "days=7" in (page.locator("#picture-tokens").get_by_role("link", name="CSV").get_attribute("href") or "")
    assert "days=7" in (page.locator("#picture-tokens").get_by_role("link", name="SVG").get_attribute("href") or "")
    page.get_by_role("link", name="30 days").click()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(visitor.address + "/analytics?days=7")
    expect(page.locator(".tile", has_text="Runs").first).to_contain_text("in the period before")
    page.get_by_role("textbox", name="Models").fill("openai/gpt-4o")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#picture-cost figcaption")).to_contain_text("openai/gpt-4o took all of")
    assert visitor.offences == []


def test_a_picture_is_had_as_png(visit: Visit, tmp_path: Path) -> None:
    owner = new_user()
    runs_of(owner, 20)
    visitor = visit(user=owner)
    visitor.open("/analytics")
    with visitor.page.expect_download() as waited:
        visitor.page.locator("#picture-cost").get_by_role("button", name="PNG").click()
    assert waited.value.suggested_filename == "cost.png"
    waited.value.save_as(tmp_path / "cost.png")
    content = (tmp_path / "cost.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert [int.from_bytes(content[at : at + 4]) for at in (16, 20)] == [1_800, 800]
    assert len(content) > 10_000
    # One that the server refuses is told.
    visitor.page.route("**/analytics/cost.svg*", lambda route: route.fulfill(status=503))
    visitor.page.locator("#picture-cost").get_by_role("button", name="PNG").click()
    expect(visitor.page.locator("#announcer")).to_have_text("The PNG could not be made. Try the SVG.")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_models_cost_is_laid_against_how_well_they_do(
    visit: Visit,
    ann: Person,
    models: dict[str, str],  # noqa: F811
    size: ViewportSize,
) -> None:
    body = {
        "name": "Which one",
        "prompt": "Say hi",
        "test_cases": [{"input": {}, "expected_output": {"type": "contains", "keywords": ["hi"]}}] * 6,
        "parameters": {"runs": 2},
    }
    with ThreadPoolExecutor(1) as thread:
        for name in models:
            thread.submit(asyncio.run, ended_test(ann, {**body, "model_id": models[name]})).result()
    visitor = visit(user=ann.user, viewport=size)
    visitor.open("/analytics/estimate")
    page = visitor.page
    page.get_by_role("textbox", name="Prompt", exact=True).fill("Say hi")
    page.get_by_role("textbox", name="Models").fill(", ".join(models.values()))
    page.get_by_role("textbox", name="Calls a day").fill("100")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("status").filter(has_text="cost least")).to_be_visible()
    expect(page.locator("#picture-quality .tradeoff-best")).to_have_count(2)
    expect(page.locator("#picture-quality .tradeoff-beaten")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(visitor) == []


def test_a_team_is_seen_by_who_leads_it(visit: Visit) -> None:
    lead, member = new_user(name="Lea"), new_user(name="Mo")
    team = Team.objects.create(name="Writers")
    TeamMember.objects.create(team=team, user=lead, role=Standing.MANAGER)
    TeamMember.objects.create(team=team, user=member)
    runs_of(member, 30)
    leading, following = visit(user=lead), visit(user=member)
    leading.open("/analytics")
    expect(leading.page.get_by_role("heading", name="Nothing has run")).to_be_visible()
    leading.page.get_by_label("Whose").select_option("Runs of Writers")
    leading.page.get_by_role("button", name="Show").click()
    expect(leading.page.locator(".tile-value").first).to_have_text("30")
    people = leading.page.locator("section", has_text="People")
    expect(people.locator("tbody th")).to_have_text(["Mo"])
    # What somebody else calls their session is not told.
    expect(leading.page.locator("section", has_text="Sessions")).not_to_contain_text("Letters to customers")
    following.open(f"/analytics?whose=team:{team.id}")
    expect(following.page.get_by_text("managers of the team")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=soon", "From: A moment"),
        ("from=1900-01-01&to=2020-01-01", "From: Up to ten years"),
        ("from=2026-03-01&to=2026-02-01", "To: This lies before"),
        ("time_zone=Mars/Olympus", "There is no time zone"),
        ("whose=team:x", "whose"),
        ("days=10000&model=" + "x" * 300, "Model"),
    ],
)
def test_what_cannot_be_understood_is_told_and_left_out(visit: Visit, query: str, told: str) -> None:
    visitor = visit(user=new_user())
    visitor.open(f"/analytics?{query}")
    if told != "whose":
        expect(visitor.page.locator(".field-error")).to_contain_text(told)
    expect(visitor.page.get_by_role("heading", name="Nothing has run")).to_be_visible()


def test_on_paper_only_what_was_used_is_left(visit: Visit) -> None:
    owner = new_user(roles=[Role.ADMIN])
    runs_of(owner, 40)
    visitor = visit(user=owner)
    visitor.open("/analytics?whose=me&days=90")
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".rail")).to_be_hidden()
    expect(visitor.page.locator(".runs-filter")).to_be_hidden()
    expect(visitor.page.locator("#picture-cost svg").first).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_week_is_reported(visit: Visit, size: ViewportSize, tmp_path: Path) -> None:
    owner = new_user(name="Ada")
    runs_of(owner, 220, days=22)
    visitor = visit(user=owner, viewport=size)
    visitor.open("/analytics")
    page = visitor.page
    page.get_by_role("link", name="Weekly report").click()
    expect(page.get_by_role("heading", name="Report of week")).to_be_visible()
    expect(page.locator("section", has_text="Spent and run")).to_contain_text("The number of runs")
    expect(page.locator("section", has_text="Errors")).to_contain_text("rate_limited")
    expect(page.get_by_role("link", name="Letters to customers")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(visitor) == []
    page.screenshot(path=tmp_path / "report.png", full_page=True)
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV by model").click()
    waited.value.save_as(tmp_path / "model.csv")
    rows = list(csv.DictReader((tmp_path / "model.csv").open(encoding="utf-8-sig")))
    assert {row["model"] for row in rows} == set(MODELS)
    page.get_by_role("link", name="Week after").click()
    expect(page.get_by_text("a week that is not over")).to_be_visible()
    page.get_by_role("link", name="Week before").click()
    expect(page.locator("section", has_text="Errors")).to_contain_text("rate_limited")
    year, week, _ = (timezone.now() - timedelta(days=35)).isocalendar()
    visitor.open(f"/analytics/report/{year}-W{week:02}")
    expect(page.get_by_role("heading", name="Nothing has run")).to_be_visible()
    assert visitor.offences == []


def test_a_report_is_one_page_of_paper(visit: Visit, tmp_path: Path) -> None:
    owner = new_user(roles=[Role.ADMIN])
    runs_of(owner, 220, days=22)
    visitor = visit(user=owner)
    visitor.open("/analytics/report?whose=me")
    page = visitor.page
    page.emulate_media(media="print", color_scheme="light")
    expect(page.locator(".runs-filter")).to_be_hidden()
    # A column that would have to be scrolled to is lost on paper.
    page.set_viewport_size({"width": 700, "height": 1000})
    assert page.evaluate(
        "[...document.querySelectorAll('.table-frame')].every((each) => each.scrollWidth <= each.clientWidth)"
    )
    margin: PdfMargins = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
    page.pdf(path=tmp_path / "report.pdf", format="A4", margin=margin)
    assert (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n") == 1
