"""What Django's forms say of a field that does not hold, as a person would: the sentence stands beneath its label.

Django has one place for these sentences, the defaults of its classes; what a form says itself stands above them. Bodies
over the API are told by `foundation.rest.sentences`.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core import validators

from foundation.templatetags.figures import thin

_INVALID: Final[tuple[tuple[type[forms.Field], str], ...]] = (
    (forms.DurationField, "This must be a duration, such as 01:30:00."),
    (forms.IntegerField, "This must be a whole number."),
    (forms.FloatField, "This must be a number."),
    (forms.DecimalField, "This must be a number."),
    (forms.DateField, "This must be a date, such as 2026-01-31."),
    (forms.DateTimeField, "This must be a date and time, such as 2026-01-31 12:00."),
    (forms.TimeField, "This must be a time of day, such as 08:30."),
    (forms.URLField, "This must be an address that begins with https:// or http://."),
    (forms.UUIDField, "This must be an ID, such as 0198f1c2-0000-7000-8000-000000000000."),
    (forms.JSONField, "This is no JSON."),
)
_FILES: Final = {
    "invalid": "No file came along: choose it once more.",
    "missing": "Choose a file.",
    "empty": "The file is empty.",
    "contradiction": "Choose a file or clear it, not both.",
}
_CHOICES: Final[tuple[tuple[type[forms.Field], str], ...]] = (
    (forms.ChoiceField, "Choose one that is offered: %(value)s is not."),
    (forms.MultipleChoiceField, "Choose among those offered: %(value)s is not one of them."),
    (forms.ModelChoiceField, "Choose one that is offered."),
    (forms.ModelMultipleChoiceField, "Choose among those offered: %(value)s is not one of them."),
)


class _Sentence(str):
    """A sentence that Django fills (`message % params`), its numbers with thin spaces between the thousands."""

    __slots__ = ()

    def __mod__(self, params: Any) -> str:
        return super().__mod__({name: thin(value) for name, value in params.items()})


def tell_plainly() -> None:
    """Replaces the sentences, once, at the start."""
    forms.Field.default_error_messages["required"] = "Fill this in."
    for field, said in _INVALID:
        field.default_error_messages = {**field.default_error_messages, "invalid": said}
    for field, said in _CHOICES:
        field.default_error_messages = {**field.default_error_messages, "invalid_choice": said}
    for listed in (forms.MultipleChoiceField, forms.ModelMultipleChoiceField):
        listed.default_error_messages["invalid_list"] = "This must be a list of those offered."
    forms.FileField.default_error_messages = {**forms.FileField.default_error_messages, **_FILES}
    validators.RegexValidator.message = "This is not written as it has to be."
    validators.URLValidator.message = "This must be an address that begins with https:// or http://."
    validators.DomainNameValidator.message = "This must be a host's name, such as example.org."
    validators.ProhibitNullCharactersValidator.message = "This must not have null characters."
    validators.StepValueValidator.message = "This must be a multiple of %(limit_value)s."
    validators.FileExtensionValidator.message = "This must be a file of one of these kinds: %(allowed_extensions)s."
    validators.DecimalValidator.messages = {
        "invalid": "This must be a number.",
        "max_digits": "This must have at most %(max)s digits.",
        "max_decimal_places": "This must have at most %(max)s decimal places.",
        "max_whole_digits": "This must have at most %(max)s digits before the decimal point.",
    }
    validators.MaxValueValidator.message = _Sentence("This must be at most %(limit_value)s.")
    validators.MinValueValidator.message = _Sentence("This must be at least %(limit_value)s.")
    length = "characters; it has %(show_value)s."
    validators.MaxLengthValidator.message = _Sentence(f"This must have at most %(limit_value)s {length}")
    validators.MinLengthValidator.message = _Sentence(f"This must have at least %(limit_value)s {length}")
    validators.EmailValidator.message = "This must be an e-mail address, such as name@example.org."
