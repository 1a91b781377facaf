"""Pictures and files that were chosen before: in drafts, in the history, in the forecast, in comparisons."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from playground.models import Attachment, PromptExecution
from tests.browser.comparing import prepare
from tests.browser.conftest import Visit, Visitor
from tests.browser.test_attachments import paste, sent
from tests.cast import Person
from tests.playground.conftest import author
from tests.playground.media import data_url, pdf, png, some_png
from tests.servers.service import Service

__all__ = ["author"]


def test_all_columns_of_a_comparison_get_the_picture(visitor: Visitor, service: Service) -> None:
    page, picture = visitor.page, some_png()
    models = [f"openai/echo@{uuid.uuid4().hex[:8]}" for _ in range(2)]
    prepare(visitor, models, "Compare this")
    paste(page, picture)
    expect(page.locator("#attached img")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("article .attached img")).to_have_count(2)
    for model in models:
        (content,) = sent(service, model.partition("/")[2])
        assert {"type": "image_url", "image_url": {"url": data_url(picture)}} in content


def test_a_picture_at_an_address_is_named_in_the_history_and_not_loaded(visitor: Visitor, visit: Visit) -> None:
    """Visitors note every request that leaves the host."""
    page = visitor.page
    visitor.run("What is there?", model="openai/echo")
    visitor.ended("completed")
    run = PromptExecution.objects.get(id=str(page.locator("#playground").get_attribute("data-execution")))
    ours = {"type": "image", "url": "https://pictures.example/cat.png"}
    of_openai = {"type": "image_url", "image_url": {"url": "https://pictures.example/dog.png"}}
    run.request = {**run.request, "parts": [ours, of_openai, {"type": "text", "text": "What is there?"}]}
    run.save(update_fields=["request"])
    page.locator("[data-opens=history]").click()
    row = page.locator("#history .history-row").first
    for name in ("cat.png", "dog.png"):
        expect(row.locator(".attached")).to_contain_text(f"https://pictures.example/{name}")
    row.click()
    shown = page.locator("#execution .attached")
    expect(shown).to_contain_text("https://pictures.example/cat.png")
    expect(shown.locator("img, a")).to_have_count(0)
    elsewhere = visit()  # without the draft, which had none of them
    elsewhere.open(f"/?execution={run.id}")
    expect(elsewhere.page.locator("#attached")).to_contain_text("https://pictures.example/cat.png")


def test_the_forecast_counts_the_picture(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/gpt-4o")  # 2.50 in, 10 out per million
    page.locator("#prompt").fill("x" * 400)
    expect(page.locator("#forecast")).to_contain_text("57 tokens in, counted, ")
    paste(page, png(300, 250))
    expect(page.locator("#forecast")).to_contain_text("about 157 tokens in, estimated, ")
    page.get_by_role("button", name="Remove shot.png").click()
    expect(page.locator("#forecast")).to_contain_text("57 tokens in, counted, ")


def draft_of(page: Page) -> str:
    """What the browser keeps."""
    return str(page.evaluate("JSON.stringify(localStorage)"))


def test_a_draft_keeps_pictures_and_says_when_one_is_gone(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("kept")
    paste(page, some_png(), "first.png")
    expect(page.locator("#attached img")).to_have_count(1)
    page.get_by_label("Alt text of first.png").fill("The first")
    page.locator("#files").set_input_files({"name": "b.pdf", "mimeType": "application/pdf", "buffer": pdf(3)})
    expect(page.locator("#attached li")).to_have_count(2)
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('b.pdf'))")
    assert "base64" not in draft_of(page)
    page.reload()
    expect(page.locator("#prompt")).to_have_value("kept")
    thumbnail = page.locator("#attached img")
    expect(thumbnail).to_have_attribute("alt", "The first")
    assert thumbnail.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 4
    expect(page.locator("#attached .file-chip")).to_have_text("b.pdf")
    expect(page.locator("#error-attachments")).to_be_empty()
    Attachment.objects.filter(media_type="application/pdf").delete()
    page.reload()
    expect(page.locator("#attached li")).to_have_count(1)
    expect(page.locator("#error-attachments")).to_contain_text("b.pdf: not there any more.")
    expect(page.locator("#prompt")).to_have_value("kept")
    page.wait_for_function("() => !Object.values(localStorage).some((text) => text.includes('b.pdf'))")
    page.locator("[data-new]").first.click()
    expect(page.locator("#attached li")).to_have_count(0)


def test_nobody_elses_picture_comes_out_of_a_draft(visitor: Visitor, author: Person) -> None:
    page = visitor.page
    assert author.user is not None
    theirs = Attachment.objects.create(
        user=author.user,
        fingerprint=uuid.uuid4().bytes,
        media_type="image/png",
        size=1,
        facts={"sha256": "0" * 64},
        storage_name="attachments/none",
        created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )
    part = {"type": "image", "artifact_id": str(theirs.id), "media_type": "image/png", "name": "secret.png"}
    draft = {"execution": "", "prompt": "mine", "attachments": json.dumps([part])}
    page.evaluate(
        "(draft) => localStorage.setItem(`draft:${document.getElementById('playground').dataset.user}`, draft)",
        json.dumps(draft),
    )
    page.reload()
    expect(page.locator("#prompt")).to_have_value("mine")
    expect(page.locator("#attached li")).to_have_count(0)
    expect(page.locator("#error-attachments")).to_contain_text("secret.png: not there any more.")
