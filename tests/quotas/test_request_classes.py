"""Which door counts against what."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import resolve

from config import not_there
from quotas.rate_limits import classes
from quotas.rate_limits.classes import RequestClass, class_of
from quotas.rate_limits.middleware import _mcp_tool
from tests.doors.routes import EXAMPLES, http_routes

LISTED = [*classes.STREAMED, *classes.OF_EVALUATIONS, *classes.STOPPING, *classes.WHILE_TYPING]


@pytest.mark.parametrize("door", LISTED)
def test_every_door_in_the_lists_is_there(door: str) -> None:
    path = door.partition(" ")[2].replace("*", EXAMPLES["uuid"])
    assert resolve(path).func is not not_there.api


def test_every_door_of_the_api_counts_against_something_or_ends_something() -> None:
    free = {
        path
        for path in http_routes()
        if path.startswith("/api/") and class_of(method="POST", path=path, is_a_browser=False) is None
    }
    assert {path.rpartition("/")[2] for path in free} == {"cancel", "pause"}
    looked_at = [path for path in http_routes() if path.startswith("/api/")]
    assert all(class_of(method="GET", path=path, is_a_browser=False) for path in looked_at)


def test_pages_are_looked_at_freely_and_the_admin_is_not_counted() -> None:
    for path in http_routes():
        if not path.startswith(("/api/", "/v1/", "/mcp")):
            assert class_of(method="GET", path=path, is_a_browser=True) is None
            assert class_of(method="HEAD", path=path, is_a_browser=True) is None
    assert class_of(method="POST", path="/admin/accounts/user/add/", is_a_browser=True) is None


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/api/prompts/execute", RequestClass.STANDARD),
        ("POST", f"/api/executions/{EXAMPLES['uuid']}/replay", RequestClass.STANDARD),
        ("POST", "/api/prompts/execute/stream", RequestClass.STREAMING),
        ("HEAD", f"/api/executions/{EXAMPLES['uuid']}/stream", RequestClass.STREAMING),
        ("GET", "/api/comparisons/x", RequestClass.STANDARD),
        ("GET", "/api/evaluation/probabilistic", RequestClass.STANDARD),
        ("POST", "/api/evaluation/probabilistic", RequestClass.EVALUATION),
        ("POST", f"/evaluations/suites/{EXAMPLES['uuid']}/run", RequestClass.EVALUATION),
        ("POST", f"/evaluations/{EXAMPLES['uuid']}/share", RequestClass.STANDARD),
        ("POST", "/templates/new", RequestClass.STANDARD),
        ("DELETE", "/api/sessions/x", RequestClass.STANDARD),
    ],
)
def test_what_a_door_counts_as(method: str, path: str, expected: RequestClass) -> None:
    assert class_of(method=method, path=path, is_a_browser=False) is expected


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("", RequestClass.STANDARD),
        ("run_prompt", RequestClass.STANDARD),
        ("compare", RequestClass.STREAMING),
        ("evaluate", RequestClass.EVALUATION),
    ],
)
def test_a_tool_of_mcp_counts_as_the_door_that_it_stands_for(tool: str, expected: RequestClass) -> None:
    assert class_of(method="POST", path="/mcp", is_a_browser=False, mcp_tool=tool) is expected
    assert class_of(method="POST", path="/api/templates", is_a_browser=False, mcp_tool=tool) is RequestClass.STANDARD


def test_a_page_shows_as_many_pictures_as_it_has() -> None:
    path = f"/api/artifacts/{EXAMPLES['uuid']}/content"
    assert class_of(method="GET", path=path, is_a_browser=True) is None
    assert class_of(method="GET", path=path, is_a_browser=False) is RequestClass.STANDARD


def test_a_call_of_mcp_names_its_tool_in_its_body(rf: RequestFactory) -> None:
    for body, expected in (
        ({"method": "tools/call", "params": {"name": "evaluate"}}, "evaluate"),
        ({"method": "tools/list", "params": {"name": "evaluate"}}, ""),
        ({"method": "tools/call", "params": {"name": ["evaluate"]}}, ""),
        ([], ""),
    ):
        request = rf.post("/mcp")
        request.json_body = body  # type: ignore[attr-defined]
        assert _mcp_tool(request) == expected
