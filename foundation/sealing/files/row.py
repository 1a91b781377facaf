"""What a row has of its file in the object storage."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models

LOST: Final = "lost"
"""Stands for a key id where the storage had no such file when it was last looked for."""


class SealedFile(models.Model):
    """A row with a file: where it lies, and with which key it was sealed."""

    folder: ClassVar[str]
    """Where the storage keeps the files of these rows."""
    again: ClassVar[str]
    """What somebody can do whose file is lost."""

    storage_name = models.CharField(max_length=255, blank=True)
    """Empty while there is no file."""
    sealed_with = models.CharField(max_length=8, blank=True, default="", db_default="")
    """Key id (hexadecimal), or LOST; empty where only the file itself tells."""

    class Meta:
        abstract = True

    @property
    def place(self) -> str:
        """Where its bytes may be opened."""
        return f"{self._meta.db_table}/{self.pk}"
