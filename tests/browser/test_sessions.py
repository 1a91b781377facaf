"""Sessions: made, found, read, shared; other people's runs as they come; exports and analytics."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from urllib.request import Request, urlopen

import orjson
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from accounts.models import User
from history.models import ExportArtifact
from sessions_app.models import PlaygroundSession
from tests.browser.conftest import PHONE, Enter, Visitor
from tests.browser.test_everybody import violations
from tests.cast import Person
from tests.history.stored import a_session, an_execution, many_executions
from tests.waiting import PATIENCE


def user_of(person: Person) -> User:
    """The row behind a person."""
    assert person.user is not None
    return person.user


def run_over_the_api(person: Person, session: PlaygroundSession, prompt: str) -> str:
    """A run that somebody's program makes; gives its id."""
    body = {"model_id": "openai/echo", "prompt": prompt, "session_id": str(session.id)}
    headers = {**person.headers, "Content-Type": "application/json"}
    request = Request(f"{person.url}/api/prompts/execute", orjson.dumps(body), headers)
    with urlopen(request, timeout=PATIENCE) as answer:
        return str(orjson.loads(answer.read())["id"])


def run_until_told(person: Person, session: PlaygroundSession, marker: Locator) -> None:
    """Runs until the page tells of one: each web process looks twice a second who is watched, and what runs before
    that is nobody's news."""
    for _ in range(60):
        run_over_the_api(person, session, "is anybody looking?")
        with contextlib.suppress(PlaywrightTimeout):
            marker.wait_for(state="visible", timeout=1000)
            return
    rows, lost = marker.page.locator("[data-run]").count(), marker.page.locator("#link-lost").is_visible()
    raise AssertionError(f"no run was told of; rows: {rows}, link lost: {lost}")


def row(visitor: Visitor, execution_id: object) -> Locator:
    """That run in the timeline."""
    return visitor.page.locator(f"#run-{execution_id}")


def test_a_session_is_made_found_and_opened_by_keyboard(ann: Person, enter: Enter) -> None:
    a_session(ann, name="Receipts", purpose="extraction")
    visitor = enter(ann)
    page = visitor.page
    visitor.open("/sessions")
    page.get_by_role("link", name="New session").click()
    page.get_by_role("button", name="Create session").click()
    expect(page.locator("#session-name")).to_have_attribute("aria-invalid", "true")
    page.locator("#session-name").fill("Tone of voice")
    page.locator("#session-tags").fill("support, tone")
    page.get_by_role("button", name="Create session").click()
    expect(page.get_by_role("heading", level=1, name="Tone of voice")).to_be_visible()
    expect(page.get_by_text("Nothing has run in this session yet")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.locator("#sessions-search")).to_be_focused()
    page.keyboard.type("voice")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/sessions\?search=voice$"))
    page.locator("#sessions-search").fill("")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.locator("#filter-purpose").select_option("extraction")
    expect(page.locator("[data-row]")).to_have_text(["Receipts"])
    page.locator(".chip", has_text="extraction").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Run in this session")).to_be_visible()


def test_runs_are_narrowed_by_the_address_and_opened(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    for number in range(23):
        an_execution(session, number)
    failed = an_execution(session, 30, status="failed", error_code="rate_limited", answer=None)
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    expect(page.locator("[data-run]")).to_have_count(20)
    page.get_by_role("link", name="Older runs").click()
    expect(page.locator("[data-run]")).to_have_count(24)
    page.locator("#runs-status").select_option("failed")
    expect(page.locator("[data-run]")).to_have_count(1)
    expect(page.locator(".chip")).to_contain_text("Status: failed")
    page.locator("#runs-status").select_option("")
    expect(page.locator("[data-run]")).to_have_count(20)
    page.locator("#runs-search").fill("response 7")
    expect(page.locator("[data-run]")).to_have_count(2)  # 7 and 17
    expect(page).to_have_url(re.compile(r"\?search=response%207$"))
    page.reload()
    expect(page.locator("#runs-search")).to_have_value("response 7")
    expect(page.locator("[data-run]")).to_have_count(2)
    page.locator(".chip").click()
    expect(page.locator("[data-run]")).to_have_count(20)
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/\?execution={failed.id}$"))


def test_two_people_see_each_other_and_each_others_runs(ann: Person, bob: Person, enter: Enter) -> None:
    session = a_session(ann)
    session.members.create(user=user_of(bob), role="editor")
    first = an_execution(session)
    mine, theirs = enter(ann), enter(bob)
    mine.open(f"/sessions/{session.id}")
    expect(mine.page.locator("#presence")).to_contain_text("You")
    theirs.open(f"/sessions/{session.id}")
    expect(mine.page.locator("#presence")).to_contain_text("You, Bob")
    expect(theirs.page.locator("#presence")).to_contain_text("You, Ann")
    marker = mine.page.locator("#marker")
    run_until_told(bob, session, marker)
    marker.click()
    expect(marker).to_be_hidden()
    place = row(mine, first.id).bounding_box()
    arrived = run_over_the_api(bob, session, "from a program")
    expect(marker).to_have_text("1 new run")
    assert row(mine, first.id).bounding_box() == place
    marker.click()
    expect(row(mine, arrived)).to_contain_text("from a program")
    expect(row(mine, arrived).locator(".badge-completed")).to_be_visible()
    expect(row(mine, arrived)).to_contain_text("by Bob")
    expect(row(mine, arrived).locator("[data-row]")).to_be_focused()
    row(theirs, first.id).get_by_role("radio", name="Bad answer").click()
    expect(row(mine, first.id).get_by_role("radio", name="Bad answer, 1 so far")).to_be_visible()
    row(mine, first.id).get_by_role("link", name="Comment").click()
    row(mine, first.id).get_by_role("textbox").fill("half a sentence")
    row(theirs, first.id).get_by_role("link", name="Comment").click()
    row(theirs, first.id).get_by_role("textbox").fill("Quite so")
    row(theirs, first.id).get_by_role("button", name="Comment").click()
    expect(row(mine, first.id).locator(".comment-text")).to_have_text("Quite so")
    expect(row(mine, first.id).get_by_role("textbox")).to_have_value("half a sentence")
    theirs.page.close()
    expect(mine.page.locator("#presence")).not_to_contain_text("Bob")


def test_a_lost_connection_is_told_and_what_came_meanwhile_is_shown(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    an_execution(session)
    visitor = enter(ann)
    page = visitor.page
    refused = True

    def route(socket: object) -> None:
        if refused:
            socket.close(code=1011)  # type: ignore[attr-defined]
        else:
            socket.connect_to_server()  # type: ignore[attr-defined]

    page.route_web_socket(re.compile("/ws/sessions/"), route)
    visitor.open(f"/sessions/{session.id}")
    expect(page.locator("#link-lost")).to_be_visible()
    an_execution(session, 5)
    refused = False
    expect(page.locator("#marker")).to_have_text("1 new run")
    expect(page.locator("#link-lost")).to_be_hidden()


def test_what_is_shared_is_seen_and_what_is_not_allowed_is_not_offered(ann: Person, bob: Person, enter: Enter) -> None:
    session = a_session(ann, name="Ours")
    an_execution(session)
    mine, theirs = enter(ann), enter(bob)
    page = mine.page
    mine.open(f"/sessions/{session.id}")
    page.get_by_role("link", name="Share").click()
    page.locator("#share-who").fill("nobody@example.org")
    page.get_by_role("button", name="Share").last.click()
    expect(page.locator("#share-error")).to_contain_text("nobody@example.org")
    expect(page.locator("#share-who")).to_have_value("nobody@example.org")
    page.locator("#share-who").fill(user_of(bob).email)
    page.keyboard.press("Enter")
    expect(page.locator(".member")).to_contain_text("Bob")
    assert violations(mine) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Share")).to_be_focused()
    theirs.open("/sessions?whose=shared")
    theirs.page.get_by_role("link", name="Ours").click()
    expect(theirs.page.locator("[data-run]")).to_have_count(1)
    expect(theirs.page.get_by_text("Viewer; Ann owns it")).to_be_visible()
    for name in ("Edit", "Share", "Export", "Run in this session"):
        expect(theirs.page.get_by_role("link", name=name)).to_have_count(0)
    for name in ("Archive", "Delete", "Fork", "Fork from here"):
        expect(theirs.page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("link", name="Share").click()
    page.get_by_role("button", name="Remove Bob").click()
    expect(page.locator(".member")).to_have_count(0)
    theirs.page.reload()
    expect(theirs.page.locator("[data-run]")).to_have_count(0)


def test_two_who_edit_at_once_are_told(ann: Person, enter: Enter) -> None:
    session = a_session(ann, name="Before")
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    page.keyboard.press("e")
    expect(page.locator("#session-name")).to_have_value("Before")
    PlaygroundSession.objects.filter(id=session.id).update(name="Theirs", revision=7)
    page.locator("#session-name").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Theirs")
    expect(page.locator("#session-name")).to_have_value("Mine")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", level=1, name="Mine")).to_be_visible()


def test_archiving_and_deleting_are_undone(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    places = [page.locator("#session-figures").bounding_box(), page.locator("#runs-filter").bounding_box()]
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("This session is archived")).to_be_visible()
    # Neither the figures nor the runs have moved.
    assert [page.locator("#session-figures").bounding_box(), page.locator("#runs-filter").bounding_box()] == places
    expect(page.get_by_role("link", name="Run in this session")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Run in this session")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There are no sessions yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1, name="Letters")).to_be_visible()


def test_nine_runs_are_seen_at_once_with_their_answers(ann: Person, enter: Enter) -> None:
    session = a_session(ann, description="Letters to customers.")
    for number in range(20):
        asked, answered = f"Question {number} " + "word " * 90, f"Answer {number} " + "more " * 200
        an_execution(session, number, request={"prompt": asked}, answer={"response": answered})
    visitor = enter(ann)
    page = visitor.page
    page.set_viewport_size({"width": 1440, "height": 900})
    visitor.open(f"/sessions/{session.id}")
    boxes = [each.bounding_box() for each in page.locator("[data-run]").all()]
    seen = [box for box in boxes if box and box["y"] + box["height"] <= 900]
    assert len(seen) >= 9
    for number in range(11, 20):
        expect(page.locator(".run-answer").nth(19 - number)).to_be_in_viewport()
        expect(page.locator(".run-answer").nth(19 - number)).to_contain_text(f"Answer {number} ")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1440


def test_a_fork_goes_its_own_way(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    middle = [an_execution(session, number) for number in range(3)][1]
    visitor = enter(ann)
    visitor.open(f"/sessions/{session.id}")
    row(visitor, middle.id).get_by_role("button", name="Fork from here").click()
    expect(visitor.page.get_by_role("heading", level=1, name="Letters (fork)")).to_be_visible()
    expect(visitor.page.locator("[data-run]")).to_have_count(2)


def test_a_small_export_is_downloaded_and_imported_again(ann: Person, enter: Enter, tmp_path: Path) -> None:
    session = a_session(ann, name="Back and forth")
    an_execution(session)
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert orjson.loads(file.read_bytes())["executions"][0]["prompt"] == "prompt 0"
    expect(page.get_by_text("1 run: the download has begun")).to_be_visible()
    visitor.open("/sessions")
    page.get_by_role("link", name="Import").click()
    (tmp_path / "odd.json").write_text('{"format": "something"}')
    page.locator("#import-file").set_input_files(tmp_path / "odd.json")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was written")
    page.locator("#import-file").set_input_files(file)
    expect(page.locator("#import-found")).to_contain_text("Back and forth")
    assert violations(visitor) == []
    assert PlaygroundSession.objects.filter(user=user_of(ann)).count() == 1
    page.get_by_role("button", name="Import 1 run").click()
    expect(page.locator("[data-run]")).to_have_count(1)
    assert PlaygroundSession.objects.filter(user=user_of(ann)).count() == 2


def test_a_large_export_is_left_and_found_again(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    many_executions(session, 5_001)
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    page.get_by_role("link", name="Export").click()
    page.locator("#export-format").select_option("csv")
    page.get_by_role("button", name="Export").click()
    expect(page.locator(".artifact progress, .artifact a")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click(timeout=30_000)
    assert download.value.suggested_filename.endswith(".csv")
    assert ExportArtifact.objects.filter(session=session).count() == 1


def test_a_phone_scrolls_down_only(ann: Person, enter: Enter) -> None:
    long = "with-a-name-that-does-not-end" * 6
    session = a_session(ann, name=long, description=long, purpose=long[:100], tags=[long[:100]], project_id=long)
    an_execution(session, model_id=f"openai/{long}", request={"prompt": long}, answer={"response": long})
    visitor = enter(ann)
    page = visitor.page
    page.set_viewport_size(PHONE)
    for address in ("", f"/{session.id}", f"/{session.id}/analytics", f"/{session.id}/edit", f"/{session.id}/share"):
        visitor.open(f"/sessions{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        assert violations(visitor) == [], address


def test_analytics_tell_what_they_rest_on(ann: Person, enter: Enter) -> None:
    session = a_session(ann)
    for number, status in enumerate(("completed", "completed", "completed", "failed")):
        an_execution(session, number, status=status)
    an_execution(session, 9, model_id="openai/other", estimated_cost=0, metadata={"price_known": False})
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    page.get_by_role("navigation", name="Parts of this session").get_by_role("link", name="Analytics").click()
    expect(page.locator(".tiles")).to_contain_text("4 of 5, 80")
    expect(page.locator(".tiles")).to_contain_text("not enough data")
    expect(page.get_by_role("heading", name="openai/echo was asked most")).to_be_visible()
    other = page.locator("tr", has_text="openai/other").last
    expect(other).to_contain_text("price unknown")
    expect(page.locator("svg[role=img] .chart-bar").first).to_be_visible()
    assert violations(visitor) == []
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_text("No run of this period has ended.")).to_be_visible()


def test_a_form_that_was_swapped_in_is_live_in_the_same_moment(ann: Person, enter: Enter) -> None:
    """Else whoever is quick, or on a busy machine, has the browser send it, and leaves the page."""
    session = a_session(ann)
    visitor = enter(ann)
    page = visitor.page
    visitor.open(f"/sessions/{session.id}")
    page.evaluate("""() => {
        window.seen = [];
        const isBar = ({ target }) => target.closest?.(".budget-place, [data-bell]");  // filled when they like
        const note = (event, told) => isBar(event) || window.seen.push(told);
        document.addEventListener("htmx:afterSwap", (event) => setTimeout(() => note(event, "next task"), 0));
        document.addEventListener("htmx:afterSettle", (event) => note(event, "live"));
    }""")
    page.get_by_role("link", name="Share").click()
    page.locator("#share-who").wait_for()
    page.wait_for_function("() => window.seen.length === 2")
    assert page.evaluate("window.seen") == ["live", "next task"]
