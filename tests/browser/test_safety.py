"""Signing in, and answers that try to load or run something."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor
from tests.servers.service import Service

LISTENER = "http://listener.example"
PAYLOADS = f"""
# Heading <img src={LISTENER}/1.png onerror=alert(1)>
![inline]({LISTENER}/2.png) ![by reference][ref]
<script>alert(2)</script><svg onload=alert(3)><image href="{LISTENER}/3.svg"/></svg>
[click](javascript:alert(4)) [data](data:text/html,<script>alert(5)</script>) <javascript:alert(6)>
<link rel=stylesheet href={LISTENER}/4.css><style>@import url({LISTENER}/5.css);</style>
<div style="background:url({LISTENER}/6.png)">styled</div><iframe src={LISTENER}/7></iframe>
[our own](/logout) [elsewhere](https://elsewhere.example/path "title")
`<b>code</b>` **bold** <form action={LISTENER}><button>go</button></form>

[ref]: {LISTENER}/8.png
"""


@pytest.mark.parametrize("view", ["rendered", "raw"])
def test_an_answer_loads_nothing_and_runs_nothing(visitor: Visitor, view: str) -> None:
    page = visitor.page
    visitor.run(PAYLOADS, model="openai/echo")
    visitor.ended("completed")
    page.locator(f"[data-shows={view}]").click()
    page.reload()
    page.wait_for_load_state("networkidle")
    article = page.locator("article")
    for element in (
        "img",
        "script",
        "style",
        "link",
        "iframe",
        "image",
        ".answer-rendered form",
        "[style]",
        "[onload]",
    ):
        assert article.locator(element).count() == 0, element
    for link in article.locator(".answer-rendered a[href]").all():
        assert (link.get_attribute("href") or "").startswith("http")
        assert {"noopener", "noreferrer", "nofollow"} <= set((link.get_attribute("rel") or "").split())
    expect(article.locator(".link-host", has_text="elsewhere.example")).to_have_count(1)
    # Requests off this host, dialogs and refused scripts fail the test when the window closes.


def test_a_sign_in_link_works_once_and_by_itself(visit: Visit, service: Service) -> None:
    link = service.sign_in_link()
    first = visit(signed_in=False)
    first.page.goto(link)
    first.page.locator("#playground").wait_for()
    second = visit(signed_in=False)
    second.page.goto(link)
    expect(second.page.locator("main")).to_contain_text("cannot be used any more")
    second.open("/")
    expect(second.page).to_have_url(f"{second.address}/login?next=/")


def test_a_wrong_password_says_so_and_keeps_the_name(visit: Visit) -> None:
    stranger = visit(signed_in=False)
    stranger.open("/login")
    stranger.page.get_by_label("User name").fill("nobody-of-this-name")
    stranger.page.get_by_label("Password").fill("not it")
    stranger.page.keyboard.press("Enter")
    expect(stranger.page.get_by_role("alert")).to_have_text("Name and password do not match an account.")
    expect(stranger.page.get_by_label("User name")).to_have_value("nobody-of-this-name")


def test_somebody_elses_run_is_not_found(visitor: Visitor) -> None:
    visitor.open("/?execution=00000000-0000-4000-8000-000000000000")
    expect(visitor.page.locator("main")).to_contain_text("Nothing is here")
    expect(visitor.page.locator("main")).to_contain_text("Request")
