"""Secret headers of a row with an address: they are only ever sent to the address that they were saved for (T31)."""

from __future__ import annotations

from typing import Any

from django.db import models

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import SealedJSONField


class WithSecretHeaders(models.Model):
    """Adds `secrets` to a row that has a `url`."""

    secrets: Any = SealedJSONField(null=True)
    """`{"address", "headers": {name: value}}`"""
    url: Any

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves; where the address has changed without new headers, the old ones go in the same statement (T31)."""
        secrets = self._opened_secrets()
        if secrets and secrets.get("address") != self.url:
            self.secrets = {**secrets, "address": self.url} if "address" not in secrets else None
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "secrets"}
        super().save(*args, **kwargs)

    @property
    def headers(self) -> dict[str, str]:
        """Its secret headers, while the address is the one that they were saved for."""
        secrets = self.secrets or {}
        return dict(secrets.get("headers", {})) if secrets.get("address") == self.url else {}

    def set_headers(self, headers: dict[str, str]) -> None:
        """Takes these for the address that it is saved with."""
        self.secrets = {"headers": headers}

    @property
    def header_names(self) -> str:
        """What may be shown of them."""
        secrets = self._opened_secrets()
        if secrets is None:
            return "none" if self.__dict__["secrets"] is None else "cannot be opened"
        return ", ".join(sorted(secrets.get("headers", {}))) or "none"

    def _opened_secrets(self) -> dict[str, Any] | None:
        try:
            secrets: dict[str, Any] | None = self.secrets
        except CannotDecrypt:
            return None
        return secrets
