"""Dates and times as the pages write them, by the names that Django looks for (django.conf.global_settings)."""

from __future__ import annotations

from typing import Final

DATE_FORMAT: Final = "j F Y"
TIME_FORMAT: Final = "H:i"
DATETIME_FORMAT: Final = "j F Y, H:i"
YEAR_MONTH_FORMAT: Final = "F Y"
MONTH_DAY_FORMAT: Final = "j F"
SHORT_DATE_FORMAT: Final = "j F Y"
SHORT_DATETIME_FORMAT: Final = "j F Y, H:i"
