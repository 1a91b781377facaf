"""Bills by the API and the page."""

from __future__ import annotations

import aiohttp
import pytest

from accounts.models import Role
from foundation.database.threads import in_database_thread
from providers.models import Provider
from tests.analytics.ledger import run, session
from tests.cast import Person, new_user
from tests.doors.browser import CSRF, browser_of
from tests.servers.service import Service

DOOR = "/api/analytics/bills/compare?provider=billed"
BILL = b"date,model,input_tokens,output_tokens,cost\n2031-05-06,of-doors,1000,150,0.0035\n2031-05-06,=cmd(),1,1,1\n"


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator, where there is a provider."""
    Provider.objects.create(slug="billed", name="Billed", base_url="https://billed.example/v1")
    return Person(service.url, new_user(roles=[Role.ADMIN]))


async def test_a_bill_is_compared_over_the_api(admin: Person) -> None:
    place = await in_database_thread(session)
    await in_database_thread(run, place, "billed/of-doors", "2031-05-06T10:00:00+00:00")
    found = await admin.post(DOOR, data=BILL, headers={"Content-Type": "text/csv"})
    assert found.status == 200, found.body
    mine = next(each for each in found.body["results"] if each["model"] == "of-doors")
    assert (mine["difference"], mine["explained"], mine["unexplained"]) == (0.0005, 0.0005, 0)
    table = await admin.post(f"{DOOR}&format=csv", data=BILL, headers={"Content-Type": "text/csv"})
    assert table.headers["Content-Disposition"].startswith("attachment")
    wrong = await admin.post(DOOR, data=BILL + b"2031-05-06,m,x,1,1\n", headers={"Content-Type": "text/csv"})
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (400, "file.4.input_tokens")


async def test_the_page_says_the_finding_first(admin: Person, service: Service) -> None:
    browser = await in_database_thread(browser_of, admin)
    empty = await browser.get("/settings/bill")
    assert empty.status == 200
    assert "A provider" in empty.text
    form = aiohttp.FormData({"provider": "billed"})
    form.add_field("file", BILL, filename="bill.csv", content_type="text/csv")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        headers = {**browser.cookie_header, "X-CSRFToken": CSRF}
        async with client.post(f"{service.url}/settings/bill", data=form, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, text
    assert text.index("than the ledger") < text.index("<table")
    refused = await browser.post("/settings/bill", form={"provider": "billed"})
    assert refused.status == 400
    assert "Choose the file" in refused.text


async def test_bills_are_for_administrators(service: Service) -> None:
    person = Person(service.url, await in_database_thread(new_user))
    assert (await person.post(DOOR, data=BILL, headers={"Content-Type": "text/csv"})).status == 403
    assert (await (await in_database_thread(browser_of, person)).get("/settings/bill")).status == 403
