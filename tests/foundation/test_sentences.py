"""What the frameworks say of a field is told with its name and what it takes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core import validators
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from foundation.problems import field_errors
from foundation.rest.sentences import name_of, plain
from foundation.rest.serializers import StrictSerializer

FRAMEWORKS = re.compile(
    r"[Tt]his (field|value|list)|Ensure|not a valid|[Ee]nter a |wrong format|Select a valid|required\\."
)


class Parameters(StrictSerializer):
    temperature = serializers.FloatField(min_value=0, max_value=2, required=False)
    top_k = serializers.IntegerField(min_value=1, required=False)
    seed = serializers.IntegerField(max_value=9, required=False)
    effort = serializers.ChoiceField(choices=["low", "high"], required=False)
    stop = serializers.ListField(child=serializers.CharField(max_length=3), max_length=1, required=False)


class Body(StrictSerializer):
    name = serializers.CharField(max_length=4, min_length=2)
    parameters = Parameters(required=False)
    parent_id = serializers.UUIDField(required=False)
    is_public = serializers.BooleanField(required=False)
    expires_at = serializers.DateTimeField(required=False)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=["a", "b"]), allow_empty=False, required=False)
    address = serializers.URLField(required=False)
    facts = serializers.DictField(required=False)
    cost = serializers.DecimalField(max_digits=3, decimal_places=1, required=False)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Name is required."),
        ({"name": ""}, "Name must not be empty."),
        ({"name": None}, "Name must have a value."),
        ({"name": "x"}, "Name must have at least 2 characters."),
        ({"name": "xxxxx"}, "Name must have at most 4 characters."),
        ({"name": {}}, "Name must be text."),
        ({"parameters": {"temperature": 3}}, "Temperature must be between 0 and 2."),
        ({"parameters": {"temperature": -1}}, "Temperature must be between 0 and 2."),
        ({"parameters": {"temperature": "hot"}}, "Temperature must be a number."),
        ({"parameters": {"top_k": 0}}, "Top k must be at least 1."),
        ({"parameters": {"top_k": 1.5}}, "Top k must be a whole number."),
        ({"parameters": {"seed": 10}}, "Seed must be at most 9."),
        ({"parameters": {"effort": "much"}}, "Effort must be one of low, high."),
        ({"parameters": {"stop": ["a", "b"]}}, "Stop must have at most 1 entry."),
        ({"parameters": {"stop": ["abcd"]}}, "Stop, entry 1 must have at most 3 characters."),
        ({"parameters": {"stop": "a"}}, "Stop must be a list."),
        ({"parameters": []}, "Parameters must be an object."),
        ({"parent_id": "x"}, "Parent must be an ID, such as 0198f1c2-0000-7000-8000-000000000000."),
        ({"is_public": "perhaps"}, "Is public must be true or false."),
        ({"expires_at": "soon"}, "Expires at must be a date and time, such as 2026-01-31T12:00:00Z."),
        ({"kinds": ["c"]}, "Kinds, entry 1 must be one of a, b."),
        ({"kinds": []}, "Kinds must have at least one entry."),
        ({"address": "x"}, "Address must be an address that begins with https:// or http://."),
        ({"facts": "x"}, "Facts must be an object."),
        ({"cost": "123.4"}, "Cost must have at most 3 digits."),
        ({"cost": "1.23"}, "Cost must have at most 1 decimal place."),
    ],
)
def test_a_refusal_names_the_field_and_what_it_takes(body: dict[str, Any], told: str) -> None:
    rules = Body(data={"name": "abc", **body} if body else {})
    with pytest.raises(ValidationError) as refused:
        rules.is_valid(raise_exception=True)
    errors = field_errors(refused.value.detail)
    assert told in [each.message for each in errors]
    assert not [each for each in errors if FRAMEWORKS.search(each.message)]


def test_the_products_own_words_stay() -> None:
    for said in ("Ensure that you have read it.", "The template renders to nothing with these values.", ""):
        assert plain(said, "parameters.temperature") == said


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("variants.1.parameters.top_p", "Top p"),
        ("model_id", "Model"),
        ("callback_url", "Callback URL"),
        ("id", "ID"),
        ("tags.2", "Tags, entry 3"),
        ("0", "Entry 1"),
        ("", "This"),
    ],
)
def test_the_name_of_a_field(field: str, name: str) -> None:
    assert name_of(field) == name


@pytest.mark.parametrize("field", [cls for cls in vars(serializers).values() if isinstance(cls, type)])
def test_no_sentence_of_rest_framework_is_left_as_it_is(field: type) -> None:
    """Those of fields that our bodies use; files, relations and paths of the server are not among them."""
    if not issubclass(field, serializers.Field) or field.__name__ not in USED:
        return
    filled = {"max_value": 2, "min_value": 0, "max_length": 3, "min_length": 1, "input": "x", "input_type": "str"}
    filled |= {
        "datatype": "str",
        "format": "ISO",
        "max_digits": 2,
        "max_decimal_places": 2,
        "max_whole_digits": 2,
        "timezone": "UTC",
    }
    messages: dict[str, str] = {}
    for cls in reversed(field.__mro__):
        messages.update(getattr(cls, "default_error_messages", {}))
    for code, message in messages.items():
        said = str(message).format(**filled)
        if code not in UNUSED_CODES:
            assert plain(said, "some_field") != said, (code, said)


USED = {
    "BooleanField", "CharField", "EmailField", "URLField", "UUIDField", "IntegerField", "FloatField", "DecimalField",
    "DateTimeField", "DateField", "ChoiceField", "MultipleChoiceField", "ListField", "DictField", "JSONField",
    "SlugField", "RegexField", "IPAddressField",
}  # fmt: skip
UNUSED_CODES = {"make_aware", "overflow", "invalid_unicode"}


def test_sentences_of_djangos_validators_are_told_anew() -> None:
    validator: Any
    for validator, value in (
        (validators.MaxValueValidator(2), 3),
        (validators.MinValueValidator(2), 1),
        (validators.MaxLengthValidator(2), "abc"),
        (validators.MinLengthValidator(2), "a"),
        (validators.validate_email, "x"),
        (validators.URLValidator(), "x"),
        (validators.validate_slug, "a b"),
        (validators.DecimalValidator(2, 1), Decimal("12.34")),
    ):
        with pytest.raises(forms.ValidationError) as refused:
            validator(value)
        for said in refused.value.messages:
            assert plain(said, "some_field").startswith("Some field "), said
