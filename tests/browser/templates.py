"""What tests of templates in the browser begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.browser.conftest import Visitor
from tests.servers.service import Service

BODY = {
    "name": "Welcome",
    "category": "Letters",
    "description": "Greets somebody",
    "prompt": "Greet {{name}} in {{language}}.\nBe kind.",
    "tags": ["greeting", "short"],
}

Sign = Callable[[Visitor, User], None]


def make(visitor: Visitor, **fields: Any) -> str:
    """A template of the visitor's, made over the API; gives the address of its page."""
    template = send(visitor, "POST", "/api/templates", {**BODY, **fields})
    return f"/templates/{template['id']}"


def send(visitor: Visitor, method: str, path: str, body: Any) -> Any:
    """A call that the visitor's browser makes beside its page."""
    if not visitor.page.url.startswith(visitor.address):
        visitor.open("/templates")
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Origin": visitor.address}
    response = visitor.page.context.request.fetch(visitor.address + path, method=method, headers=headers, data=body)
    assert response.ok, response.text()
    return response.json()


@pytest.fixture
def sign_in_as(service: Service) -> Sign:
    """Signs a visitor in as somebody."""

    def sign(visitor: Visitor, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service.url}
        visitor.page.context.add_cookies([cookie])

    return sign
