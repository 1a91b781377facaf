"""MCP servers whose tools are offered: at an address, or a program of the settings file (T32: no row names one)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from foundation.database.json_field import JSONField
from foundation.http.guarded import AddressRefused, check_url
from foundation.sealing.fields import SealedJSONField
from playground.models.secret_headers import WithSecretHeaders

NAME: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_)){0,22}[A-Za-z0-9]$"
"""Two to 24 signs without `__`, which stands between it and a tool's name."""


class McpServer(WithSecretHeaders):
    """A server, what it said that it has, and which of that an administrator has seen and lets models call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        max_length=24,
        unique=True,
        validators=[RegexValidator(NAME, "2 to 24 letters, digits, - and single _")],
        help_text="Its tools are called name__tool.",
    )
    url = models.CharField(max_length=500, blank=True, help_text="https://…, streamable HTTP.")
    """Empty for a program of the settings file."""
    seconds = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(120)], help_text="Seconds that a call may take."
    )
    needs_approval = models.BooleanField(default=True, help_text="A person has to allow every call.")
    trusts_annotations = models.BooleanField(
        default=False, help_text="Tools that the server calls read-only are run without asking."
    )
    is_enabled = models.BooleanField(default=True)
    allow_private_address = models.BooleanField(
        default=False, help_text="The address may lie in this host's own or private networks."
    )
    listing: Any = SealedJSONField(empty=list, editable=False)
    """Its tools as it last told them: `[{name, description, parameters, is_read_only, fingerprint}]`."""
    confirmed = JSONField(default=dict, blank=True, editable=False)
    """`{"address", "fingerprints"}`: the tools that an administrator has seen as they are, at this address."""
    fault = models.CharField(max_length=300, blank=True, default="", editable=False)
    """Why it could not be listed the last time; empty where it could."""
    listed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "mcp_servers"
        verbose_name = "MCP server"

    def __str__(self) -> str:
        return self.name

    @property
    def offered(self) -> frozenset[str]:
        """Fingerprints of what may be offered: none where the address is another than the one that was looked at."""
        confirmed = self.confirmed if self.confirmed.get("address") == self.url else {}
        return frozenset(confirmed.get("fingerprints", ()))

    def confirm(self, fingerprints: Iterable[str]) -> None:
        """Offers the tools of these fingerprints, and no others."""
        self.confirmed = {"address": self.url, "fingerprints": sorted(set(fingerprints))}

    @property
    def is_of_file(self) -> bool:
        """Whether the settings file says how it is reached."""
        return not self.url

    def clean(self) -> None:
        """Refuses an address that no call may go to; none is for programs of the settings file alone."""
        if self.is_of_file:
            if self._state.adding:
                raise ValidationError({"url": "An address is expected."})
            return
        try:
            check_url(self.url, allow_private=self.allow_private_address)
        except AddressRefused as error:
            raise ValidationError({"url": str(error)}) from None
