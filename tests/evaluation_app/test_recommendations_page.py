"""Recommendations on their page: asked for, measured, taken over by ticked places."""

from __future__ import annotations

import re
from typing import Any

from foundation.database.threads import in_database_thread
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_recommendations import ended_test, proposed, template_of
from tests.waiting import until

__all__ = ["browser_of"]


async def seen(browser: Browser, address: str, words: str) -> str:
    """The page once it says so."""

    async def there() -> str | None:
        page = await browser.get(address)
        assert page.status == 200
        return page.text if words in page.text else None

    found: str = await until(there)
    return found


async def test_from_look_to_a_new_version(bench: Bench, provider: str, browser_of: BrowserOf):
    template = await template_of(bench.person, "no {{word}}, and no more")
    test = await ended_test(bench, provider, prompt=None, template_id=template["id"])
    browser = await in_database_thread(browser_of, bench.person)
    address = f"/evaluations/{test['id']}/recommendations"
    assert f'href="{address}"' in (await browser.get(f"/evaluations/{test['id']}")).text
    sent = await browser.post(address, form={"model_id": f"{provider}/recommends", "count": "3"})
    assert sent.status == 302
    # The round's own words come last where it ends between the page's questions to the database.
    page = await seen(browser, address, "loses {{word}}")
    assert "Ask for the word alone" in page
    assert page.count("<ins>yes</ins>") == 2
    (verify,) = re.findall(rf'action="({address}/[0-9a-f-]{{36}}/verify)"', page)
    assert (await browser.post(verify, form={})).status == 302
    page = await seen(browser, address, "Better, as measured")
    assert "cases that were held out." in page
    assert "hx-get" not in page.partition('id="recommendations"')[2].partition("</ol>")[0]
    accept = verify.removesuffix("verify") + "accept"
    nothing = await browser.post(accept, form={"chosen": "true"})
    assert nothing.status == 400
    assert "Choose from the 2 places" in nothing.text
    assert (await browser.post(accept, form={"chosen": "true", "hunk": "0"})).status == 302
    told: dict[str, Any] = (await bench.person.get(f"/api/templates/{template['id']}")).body
    assert told["prompt"] == "yes {{word}}, and no more"
    versions = await bench.person.get(f"/api/templates/{template['id']}/versions")
    assert "Only a part of it was taken over" in versions.body["results"][0]["note"]
    page = (await browser.get(address)).text
    assert "Taken over in part" in page
    assert "Measured was the whole:" in page
    assert "Only a part of it was taken over, and that part was not measured." in page


async def test_what_is_refused_stands_by_its_field(bench: Bench, provider: str, browser_of: BrowserOf):
    test = await ended_test(bench, provider)
    browser = await in_database_thread(browser_of, bench.person)
    address = f"/evaluations/{test['id']}/recommendations"
    for form, words in (
        ({"count": "many"}, "Count must be a whole number"),
        ({"model_id": "nowhere/model"}, "no provider"),
        ({"move_to": f"{provider}/echo"}, "runs on this model already"),
    ):
        page = await browser.post(address, form=form)
        assert page.status in (400, 404)
        assert words in page.text
    found = await proposed(bench, test)
    (advice, *_) = found["recommendations"] or [None]
    if advice:
        page = await browser.post(f"{address}/{advice['id']}/accept", form={})
        assert page.status == 409
