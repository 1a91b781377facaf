"""Fields and models are called in the administration as a person writes: no "Is enabled", no "Base url", no "Http"."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.test import Client, RequestFactory

from foundation.presentation.field_names import called
from tests.cast import new_user

OF_A_PROGRAM = re.compile(
    r"\b(?:[Ii]d|[Uu]rl|[Aa]pi|[Jj]son|[Hh]ttp|[Mm]cp|[Ii]p|[Uu]uid|[Ee]mail|litellm)s?\b|^is |_| at$"
)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("is_enabled", "enabled"),
        ("base_url", "base URL"),
        ("created_at", "created"),
        ("model_id", "model ID"),
        ("email", "e-mail"),
        ("idle_seconds", "idle, seconds"),
        ("ratings_count", "ratings"),
        ("litellm_prefix", "LiteLLM prefix"),
    ],
)
def test_a_field_is_called_as_a_person_writes(name: str, wanted: str) -> None:
    assert called(name) == wanted


@pytest.mark.django_db(transaction=True)
def test_the_administration_says_no_name_of_a_program() -> None:
    request = RequestFactory().get("/admin/")
    request.user = new_user(is_staff=True, is_superuser=True, roles=["admin"])
    told = [
        (model.__name__, str(text))
        for model, door in admin.site._registry.items()
        for text in (
            model._meta.verbose_name,
            model._meta.verbose_name_plural,
            *(label_for_field(name, model, door) for name in door.list_display),
            *(field.label for field in door.get_form(request).base_fields.values() if field.label),
        )
    ]
    assert [each for each in told if OF_A_PROGRAM.search(each[1])] == []


@pytest.mark.django_db(transaction=True)
def test_the_index_lists_what_the_pages_speak_of() -> None:
    client = Client()
    client.force_login(new_user(is_staff=True, is_superuser=True, roles=["admin"]))
    index = client.get("/admin/").content.decode()
    for name in ("HTTP tools", "MCP servers", "Executions", "Models", "Templates", "API tokens"):
        assert f">{name}</a>" in index
