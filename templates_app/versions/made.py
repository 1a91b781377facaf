"""Told when a version is made or a label moves, within the change: what else belongs to it is others' to keep."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

version_made: Final = Signal()
"""Receivers get `version` (TemplateVersion, saved). What one raises undoes the change."""
label_moved: Final = Signal()
"""Receivers get `move` (LabelMove, saved). What one raises undoes the move."""
