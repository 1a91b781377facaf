"""What a split is begun by: how much of the traffic, what is compared, and what becomes of a better candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from accounts.models import User
from foundation.problems import FieldError, invalid
from templates_app.models import Measure


@dataclass(frozen=True, slots=True)
class Terms:
    """`share` is in percent; `suite_id` names the suite whose scorers judge, where scores are compared."""

    share: int
    measure: Measure = Measure.SUCCESS
    promotes: bool = False
    suite_id: UUID | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Out of a checked body, or out of `as_json`."""
        suite_id = given.get("suite_id")
        return cls(
            share=given["share"],
            measure=Measure(given.get("measure") or Measure.SUCCESS),
            promotes=given.get("promotes", False),
            suite_id=UUID(str(suite_id)) if suite_id else None,
        )

    @property
    def as_json(self) -> dict[str, Any]:
        """As a request keeps them."""
        return {
            "share": self.share,
            "measure": str(self.measure),
            "promotes": self.promotes,
            "suite_id": str(self.suite_id) if self.suite_id else None,
        }


Scorers = Callable[[User, UUID], list[dict[str, Any]]]
"""The scorers of a suite that `user` may use; raises a Problem where none of them judges a call."""

_KNOWN: Final[dict[str, Scorers]] = {}


def register(scorers: Scorers) -> None:
    """Makes known who knows suites; to be called when an app is ready."""
    _KNOWN["suites"] = scorers


def scorers_of(user: User, terms: Terms) -> list[dict[str, Any]] | None:
    """What judges the calls; None where no scorer does. Raises a Problem on terms that contradict each other."""
    if (terms.measure == Measure.SCORES) != (terms.suite_id is not None):
        message = (
            "Whose scorers judge?" if terms.suite_id is None else "Only where scores are compared a suite is named."
        )
        raise invalid([FieldError("suite_id", "required" if terms.suite_id is None else "contradiction", message)])
    return _KNOWN["suites"](user, terms.suite_id) if terms.suite_id else None
