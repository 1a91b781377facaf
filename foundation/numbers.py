"""Whole numbers that every part of the service keeps as they are: JSON's, JavaScript's and PostgreSQL's alike."""

from typing import Final

LARGEST_INTEGER: Final = 2**53
