"""The page of the versions shows what is protected and asked, and its plain forms ask and decide."""

from __future__ import annotations

from html import unescape

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.protecting import Protected, protected

__all__ = ["browser_of", "protected"]


@pytest.fixture
async def owner(protected: Protected, browser_of: BrowserOf) -> Browser:
    """The owner's browser."""
    return await in_database_thread(browser_of, protected.owner)


@pytest.fixture
async def editor(protected: Protected, browser_of: BrowserOf) -> Browser:
    """The editor's browser."""
    return await in_database_thread(browser_of, protected.editor)


def page_of(protected: Protected, rest: str = "") -> str:
    """The page of its versions, or a form's address below the template's."""
    return f"/templates/{protected.id}{rest or '/versions'}"


async def test_one_asks_and_another_approves_on_the_page(protected: Protected, owner: Browser, editor: Browser):
    page = (await owner.get(page_of(protected))).text
    assert f"protected by {protected.owner.user}" in page
    assert f'action="{page_of(protected, "/labels/ask")}"' in page
    assert f'action="{page_of(protected, "/labels")}"' in page  # the form of a new label alone
    assert 'aria-label="Move production"' not in page
    assert "Who could approve it: Edda Editor." in page
    sent = {"label": "production", "wanted": "2", "reason": "It <b>reads</b> better."}
    assert (await owner.post(page_of(protected, "/labels/ask"), form=sent)).status == 302
    mine = (await owner.get(page_of(protected))).text
    assert "Point it at version 2" in mine
    assert "/withdraw" in mine
    assert "/approve" not in mine
    theirs = (await editor.get(page_of(protected))).text
    assert "It &lt;b&gt;reads&lt;/b&gt; better." in theirs
    assert f"{page_of(protected)}?from=1&to=2" in unescape(theirs)
    (request,) = (await protected.owner.get(protected.requests)).body["results"]
    address = page_of(protected, f"/labels/requests/{request['id']}/approve")
    assert f'formaction="{address}"' in theirs
    own = await owner.post(address, form={"label": "production", "reason": "Mine."})
    assert own.status == 403
    empty = await editor.post(address, form={"label": "production", "reason": ""})
    assert empty.status == 400
    done = await editor.post(address, form={"label": "production", "reason": "Right."})
    assert (done.status, done.headers["Location"]) == (302, page_of(protected))
    assert await protected.labels() == {"production": 2}
    history = (await owner.get(page_of(protected, "/labels/history?label=production"))).text
    assert "Edda Editor approved: Right." in unescape(history)


@pytest.mark.parametrize("door", ["/labels", "/labels/rollback", "/labels/remove"])
async def test_t27_no_form_moves_a_protected_label(protected: Protected, owner: Browser, door: str):
    refused = await owner.post(page_of(protected, door), form={"label": "production", "version": "2"})
    assert refused.status == 409
    assert await protected.labels() == {"production": 1}


async def test_a_label_is_protected_refused_and_withdrawn_on_the_page(
    protected: Protected, owner: Browser, editor: Browser
):
    for label, by, status in (("staging", editor, 403), ("staging", owner, 302), ("No label", owner, 400)):
        assert (await by.post(page_of(protected, "/labels/protect"), form={"label": label})).status == status
    assert "points nowhere" in (await owner.get(page_of(protected))).text
    for wanted, by, door, decider in (
        ("unprotect", owner, "refuse", editor),
        ("remove", editor, "withdraw", editor),
    ):
        sent = {"label": "production", "wanted": wanted, "reason": "So."}
        assert (await by.post(page_of(protected, "/labels/ask"), form=sent)).status == 302
        request = (await protected.owner.get(protected.requests)).body["results"][0]
        address = page_of(protected, f"/labels/requests/{request['id']}/{door}")
        assert (await decider.post(address, form={"label": "production", "reason": "No."})).status == 302
    history = unescape((await owner.get(page_of(protected, "/labels/history?label=production"))).text)
    for told in ("End its protection: refused", "Take it away: withdrawn", "asked: So.", "Edda Editor: No."):
        assert told in history
    for wanted in ("", "x", "99999999999", "-1"):
        sent = {"label": "production", "wanted": wanted, "reason": "So."}
        assert (await owner.post(page_of(protected, "/labels/ask"), form=sent)).status == 400


async def test_a_viewer_sees_what_is_asked_and_has_no_form(
    protected: Protected, browser_of: BrowserOf, stranger: Person
):
    await protected.asked()
    await protected.share_with(protected.editor, visibility="public")
    browser = await in_database_thread(browser_of, stranger)
    page = (await browser.get(page_of(protected))).text
    assert "Customers wait for it." in page
    assert "/labels/" not in page.replace("/labels/history", "").replace("/labels/split?", "")
    request = (await protected.owner.get(protected.requests)).body["results"][0]
    for door in ("approve", "refuse", "withdraw"):
        address = page_of(protected, f"/labels/requests/{request['id']}/{door}")
        assert (await browser.post(address, form={"label": "production", "reason": "x"})).status == 403
