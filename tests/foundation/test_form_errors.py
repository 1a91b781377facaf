"""Forms of Django say what a field takes, in a person's words."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import FileExtensionValidator
from django.utils.datastructures import MultiValueDict

FRAMEWORKS = re.compile(r"[Ee]nsure|[Ee]nter a |Select a valid|This field|No file was|submit")


class Sheet(forms.Form):
    count = forms.IntegerField(min_value=1, max_value=9)
    share = forms.FloatField(step_size=0.5, required=False)
    day = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)
    name = forms.CharField(max_length=3, min_length=2, required=False)
    long = forms.CharField(max_length=1200, required=False)
    address = forms.URLField(required=False, assume_scheme="https")
    mail = forms.EmailField(required=False)
    facts = forms.JSONField(required=False)
    price = forms.DecimalField(max_digits=4, decimal_places=2, required=False)
    span = forms.DurationField(required=False)
    code = forms.RegexField(r"[a-z]+", required=False)
    among = forms.MultipleChoiceField(choices=[("a", "A")], required=False)


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
        ("long", "abcd" * 500, "This must have at most 1\u202f200 characters; it has 2\u202f000."),
        ("name", "a", "This must have at least 2 characters; it has 1."),
        ("address", "x y", "This must be an address that begins with https:// or http://."),
        ("mail", "x", "This must be an e-mail address, such as name@example.org."),
        ("facts", "{", "This is no JSON."),
        ("price", "1.255", "This must have at most 2 decimal places."),
        ("share", "1.25", "This must be a multiple of 0.5."),
        ("price", "NaN", "This must be a number."),
        ("span", "soon", "This must be a duration, such as 01:30:00."),
        ("code", "1", "This is not written as it has to be."),
        ("among", "a", "This must be a list of those offered."),
        ("name", "\0a", "This must not have null characters."),
    ],
)
def test_a_form_says_what_a_field_takes(field: str, value: str, told: str) -> None:
    form = Sheet({"count": "1", field: value})
    assert not form.is_valid()
    assert form.errors[field] == [told]
    assert not FRAMEWORKS.search(str(form.errors))


@pytest.mark.parametrize(
    ("field", "file", "told"),
    [
        ("file", None, "Choose a file."),
        ("file", SimpleUploadedFile("a.txt", b""), "The file is empty."),
        ("letter", SimpleUploadedFile("a.doc", b"x"), "This must be a file of one of these kinds: txt."),
    ],
)
def test_a_form_says_what_file_it_takes(field: str, file: SimpleUploadedFile | None, told: str) -> None:
    class Upload(forms.Form):
        file = forms.FileField(error_messages={"required": "Choose a file."}, required=field == "file")
        letter = forms.FileField(validators=[FileExtensionValidator(["txt"])], required=False)

    form = Upload({}, MultiValueDict({field: [file]} if file else {}))
    assert not form.is_valid()
    assert form.errors[field] == [told]
    assert not FRAMEWORKS.search(str(form.errors))
