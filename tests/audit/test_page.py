"""The page of the log: its filters are in the address, its pages go on by a cursor, people see their own alone."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

import aiohttp
import pytest

from accounts.models import User
from audit.acts import Act
from audit.export import FORMATS
from audit.models import AuditCheck, AuditEntry, AuditPublication, AuditStampCheck
from audit.reading import all_entries, walked
from audit.recording import record
from foundation.database.threads import in_database_thread
from tests.audit.test_size import most_memory, write
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import author, stranger
from tests.servers.service import Service

__all__ = ["author", "stranger"]
CODE = re.compile(r"<code>([^<]*)</code>")


@pytest.fixture
async def admin(service: Service) -> Browser:
    """An administrator's."""
    user = await in_database_thread(lambda: new_user(roles=["admin"], is_staff=True, is_superuser=True))
    return await in_database_thread(browser_of, Person(service.url, user))


async def page(browser: Browser, query: str = "") -> str:
    """The page's text."""
    answer = await browser.get(f"/audit{query}")
    assert answer.status == 200, answer.text
    return answer.text


async def kept(count: int, **given: object) -> list[str]:
    """Ids of so many objects, each with an entry."""

    def write_them() -> list[str]:
        ids = [f"object-{given.get('kind', 'thing')}-{number}" for number in range(count)]
        for each in ids:
            AuditEntry.objects.create(
                **{"act": Act.EXPORTED, "kind": "thing", "by": "session", "organisation": "DADMS", **given},
                object_id=each,
            )
        return ids

    return await in_database_thread(write_them)


async def test_everybody_sees_their_own_and_the_way_to_it(author: Person, stranger: Person, admin: Browser):
    made = (await author.post("/api/sessions", {"name": "canary"})).body["id"]
    other = (await stranger.post("/api/sessions", {"name": "canary"})).body["id"]
    browser = await in_database_thread(browser_of, author)
    seen = await page(browser)
    assert f'<a href="/sessions/{made}"><code>{made}</code></a>' in seen
    assert other not in seen
    assert stranger.user is not None
    assert other not in await page(browser, f"?actor={stranger.user.id}"), "a filter opens nothing"
    assert "canary" not in seen
    assert 'name="actor"' not in seen
    assert 'href="/audit"' in seen
    everything = await page(admin)
    assert made in everything
    assert other in everything
    assert 'name="actor"' in everything


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("act=template_made", {"act": "template_made"}),
        ("kind=suite", {"kind": "suite"}),
        ("by=service", {"by": "service"}),
        ("by=api_token", {"by": "api_token:4d4c4f0e-0000-4000-8000-000000000000"}),
        ("address=192.0.2.7", {"address": "192.0.2.7"}),
        ("organisation=Elsewhere", {"organisation": "Elsewhere"}),
        ("from=2031-01-01", {"at": datetime(2031, 1, 1, tzinfo=UTC)}),
        ("to=1999-01-02", {"at": datetime(1999, 1, 1, 23, 59, tzinfo=UTC)}),
    ],
)
async def test_each_filter_narrows(service: Service, admin: Browser, query: str, given: dict[str, object]):
    await kept(2)
    wanted = await kept(1, **{"kind": "wanted", **given})
    narrow = await page(admin, f"?{query}&object={wanted[0]}")
    found = [code for code in CODE.findall(narrow) if code.startswith("object")]
    assert found == wanted
    assert "object-thing-0" not in await page(admin, f"?{query}")


async def test_somebody_is_found_by_name(service: Service, admin: Browser):
    user = await in_database_thread(new_user)
    await in_database_thread(lambda: record(act=Act.SIGNED_OUT, kind="user", object_id="by-name", actor=user.id))
    assert "by-name" in await page(admin, f"?actor={user.username}")
    answer = await admin.get("/audit?actor=nobody-at-all")
    assert (answer.status, "Nobody here is called" in answer.text) == (400, True)


@pytest.mark.parametrize("query", ["from=yesterday", "address=here", "act=nonsense", "cursor=x", "cursor=-1"])
async def test_what_cannot_be_looked_for_is_told(service: Service, admin: Browser, query: str):
    answer = await admin.get(f"/audit?{query}")
    assert (answer.status, 'role="alert"' in answer.text) == (400, True)


async def test_it_goes_on_by_a_cursor(service: Service, admin: Browser):
    ids = await kept(120, kind="many")
    seen, query = [], "?kind=many"
    while query:
        text = (await admin.get(f"/audit{query}", headers={"HX-Request": "true"} if "cursor" in query else {})).text
        seen += [code for code in CODE.findall(text) if code.startswith("object-many")]
        more = re.search(r'hx-get="/audit(\?[^"]*)"', text)
        query = more[1].replace("&amp;", "&") if more else ""
    assert seen == ids[::-1]


async def test_it_tells_whether_the_chain_is_whole_and_the_heads_are_out(
    service: Service, author: Person, admin: Browser
):
    assert author.user is not None
    theirs = User.objects.filter(id=author.user.id)

    def keep() -> None:
        AuditCheck.objects.create(organisation="DADMS", ended_at=datetime.now(UTC), length=7)
        AuditCheck.objects.create(organisation="Other", ended_at=datetime.now(UTC), fault="Other: number 3: <x>")
        AuditPublication.objects.create(destination="email", failed_at=datetime.now(UTC), reason="nobody answers")
        AuditPublication.objects.create(destination="timestamp", failed_at=datetime.now(UTC), reason="it is no stamp")
        AuditStampCheck.objects.create(ended_at=datetime.now(UTC), length=3)
        theirs.update(organisation="DADMS")

    assert "has not been checked yet" in await page(admin)
    await in_database_thread(keep)
    seen = await page(admin)
    assert "DADMS: 7 entries, whole when last checked" in seen
    assert "The chain is broken. Other: number 3: &lt;x&gt;" in seen
    assert "nobody answers" in seen
    assert "timestamp" in seen
    assert "it is no stamp" in seen
    assert "Time stamps: 3 stamps, whole when last checked" in seen
    await in_database_thread(lambda: AuditStampCheck.objects.update(fault="stamp 2 is missing: it was <removed>"))
    assert "stamp 2 is missing: it was &lt;removed&gt;" in await page(admin)
    own = await page(await in_database_thread(browser_of, author))
    assert "DADMS: 7 entries" in own
    assert "Other" not in own
    assert "stamp 2" not in own


async def test_nothing_there_is_told(service: Service):
    user = await in_database_thread(new_user)
    browser = await in_database_thread(browser_of, Person(service.url, user))
    assert "No entry matches" in await page(browser, "?kind=none")


async def test_the_export_is_what_is_seen_and_an_entry_itself(author: Person, stranger: Person, admin: Browser):
    assert author.user is not None
    made = (await author.post("/api/sessions", {"name": "S"})).body["id"]
    await stranger.post("/api/sessions", {"name": "S"})
    formula = {"kind": "=1+1", "organisation": "=cmd|x", "actor": author.user.id, "by": "session"}
    await kept(1, **formula)
    headers = {"Authorization": f"Bearer {author.token}"}
    async with aiohttp.ClientSession(headers=headers) as client:
        answer = await client.get(f"{author.url}/api/audit/export?format=jsonl")
        lines = (await answer.text()).splitlines()
    own = [json.loads(line) for line in lines]
    assert {entry["actor"] for entry in own} == {str(author.user.id)}
    assert made in [entry["object_id"] for entry in own]
    file = await admin.get(f"/api/audit/export?actor={author.user.id}")
    assert "attachment" in file.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [int(row["id"]) for row in rows] == [entry["id"] for entry in own]
    assert next(row for row in rows if "1+1" in row["kind"])["kind"] == "'=1+1"
    assert next(row for row in rows if "cmd" in row["organisation"])["organisation"] == "'=cmd|x"
    taken = AuditEntry.objects.filter(act="exported", object_id="GET /api/audit/export")
    assert await in_database_thread(taken.count) == 2
    assert (await author.get("/api/audit/export?format=xml")).status == 400
    assert (await author.get("/api/audit/export?page_size=3")).status == 400


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMATS)
def test_ten_times_as_many_rows_take_no_more_memory(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.reading.BATCH", 100)
    used = []
    for count, organisation in ((100, "Warm"), (400, "Few"), (4_000, "Many")):
        write(count, organisation=organisation)
        found = walked(all_entries(), {"organisation": organisation})
        used.append(most_memory(lambda entries=found: sum(map(len, FORMATS[name].write(entries)))))  # type: ignore[misc]
    assert used[2] < 1.5 * used[1]
