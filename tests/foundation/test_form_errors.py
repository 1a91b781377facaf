"""Forms of Django say what a field takes, in a person's words."""

from __future__ import annotations

import re

import pytest
from django import forms

FRAMEWORKS = re.compile(r"[Ee]nsure|[Ee]nter a |Select a valid|This field")


class Sheet(forms.Form):
    count = forms.IntegerField(min_value=1, max_value=9)
    share = forms.FloatField(required=False)
    day = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)
    name = forms.CharField(max_length=3, min_length=2, required=False)
    address = forms.URLField(required=False, assume_scheme="https")
    mail = forms.EmailField(required=False)
    facts = forms.JSONField(required=False)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("count", "", "Fill this in."),
        ("count", "x", "This must be a whole number."),
        ("count", "10", "This must be at most 9."),
        ("count", "0", "This must be at least 1."),
        ("share", "x", "This must be a number."),
        ("day", "soon", "This must be a date, such as 2026-01-31."),
        ("kind", "b", "Choose one that is offered: b is not."),
        ("name", "abcd", "This must have at most 3 characters; it has 4."),
        ("name", "a", "This must have at least 2 characters; it has 1."),
        ("address", "x y", "This must be an address that begins with https:// or http://."),
        ("mail", "x", "This must be an e-mail address, such as name@example.org."),
        ("facts", "{", "This is no JSON."),
    ],
)
def test_a_form_says_what_a_field_takes(field: str, value: str, told: str) -> None:
    form = Sheet({"count": "1", field: value})
    assert not form.is_valid()
    assert form.errors[field] == [told]
    assert not FRAMEWORKS.search(str(form.errors))
