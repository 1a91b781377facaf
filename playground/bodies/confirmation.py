"""`confirm_cost` of every body that may cost more than it looks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ConfirmCostField(serializers.BooleanField):
    """Whether it is meant."""

    def __init__(self, **kwargs: Any) -> None:
        told = "Runs although it may cost more than is spent without asking (402)."
        super().__init__(required=False, help_text=told, **kwargs)
