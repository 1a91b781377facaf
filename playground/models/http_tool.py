"""Tools that administrators add: an address that is asked with the model's arguments."""

from __future__ import annotations

import uuid
from string import Formatter
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from foundation.http.guarded import AddressRefused, check_url
from foundation.json_schema.reach import InvalidSchema
from foundation.json_schema.validators import validator_of
from foundation.sealing.fields import SealedJSONField, SealedTextField
from foundation.words import number
from playground.models.secret_headers import WithSecretHeaders

LONGEST_DESCRIPTION: Final = 4_000


class Method(models.TextChoices):
    """How it is asked: with the arguments in the query, or as a JSON body."""

    GET = "GET", "GET: arguments in the query"
    POST = "POST", "POST: arguments as JSON"
    PUT = "PUT", "PUT: arguments as JSON"
    PATCH = "PATCH", "PATCH: arguments as JSON"
    DELETE = "DELETE", "DELETE: arguments in the query"


class HttpTool(WithSecretHeaders):
    """A tool behind an address. Its secret headers are only ever sent to the address they were saved for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]{1,64}$", "letters, digits, - and _")],
        help_text="What a model calls it by.",
    )
    description: Any = SealedTextField()
    parameters: Any = SealedJSONField(empty=dict)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.GET)
    url = models.CharField(
        max_length=500, help_text="https://…; {name} in its path stands for the argument of that name."
    )
    seconds = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(120)], help_text="Seconds that it may take."
    )
    needs_approval = models.BooleanField(default=True, help_text="A person has to allow every call.")
    is_enabled = models.BooleanField(default=True)
    allow_private_address = models.BooleanField(
        default=False, help_text="The address may lie in this host's own or private networks."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "http_tools"
        verbose_name = "HTTP tool"
        constraints = [
            models.CheckConstraint(condition=models.Q(method__in=Method.values), name="http_tool_method_known")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses an address that no call may go to, and a schema that is none or lacks what the path asks for."""
        if not self.description.strip() or len(self.description) > LONGEST_DESCRIPTION:
            raise ValidationError(f"A description of up to {number(LONGEST_DESCRIPTION)} characters is expected.")
        try:
            check_url(self.url, allow_private=self.allow_private_address)
        except AddressRefused as error:
            raise ValidationError({"url": str(error)}) from None
        try:
            validator_of(self.parameters)
        except InvalidSchema as error:
            raise ValidationError(f"Parameters: {error}") from None
        if self.parameters.get("type", "object") != "object":
            raise ValidationError("Parameters: the arguments of a tool are an object.")
        if unknown := sorted(places_in(self.url) - set(self.parameters.get("required", ()))):
            raise ValidationError({"url": f"The schema does not require {', '.join(unknown)}."})


def places_in(url: str) -> set[str]:
    """Names of the arguments that an address has places for; a ValidationError where its braces do not hold."""
    try:
        return {name for _, name, _, _ in Formatter().parse(url) if name is not None}
    except ValueError:
        raise ValidationError({"url": "The braces of the address do not hold."}) from None
