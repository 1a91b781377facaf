"""Told when a version is made, within the change that makes it: what else belongs to one is others' to keep."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

version_made: Final = Signal()
"""Receivers get `version` (TemplateVersion, saved). What one raises undoes the change."""
