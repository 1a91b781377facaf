"""What tests of drafts begin with: something typed that the browser keeps."""

from __future__ import annotations

from playwright.sync_api import Page

from accounts.models import User
from templates_app.content import Content, Variable
from templates_app.models import PromptTemplate
from templates_app.versions import lifecycle

ECHO = "openai/echo"

SCHEMA = '{"type": "object", "properties": {"name": {"type": "string"}}}'


def kept(page: Page, text: str) -> None:
    """Waits until this browser keeps a draft with these words."""
    page.wait_for_function("(text) => Object.values(localStorage).some((kept) => kept.includes(text))", arg=text)


def template_of(user: User, prompt: str = "Greet {{who}}.") -> PromptTemplate:
    """A template of the visitor's."""
    content = Content(prompt, "", tuple(Variable(name) for name in ("who",)))
    return lifecycle.create(owner=user, change=lifecycle.Change({"name": "Greeting", "category": "Trials"}, content))


def admin() -> User:
    return User.objects.get(username="admin")
