"""A recommendation as its page shows it: what would change, and what measuring has shown in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from foundation.words import money, number

BADGES = {"proposed": "pending", "verifying": "running", "verified": "completed", "refused": "failed"}
NAMES = {
    "proposed": "Not measured",
    "verifying": "Being measured",
    "verified": "Better, as measured",
    "refused": "No improvement shown",
    "accepted": "Taken over",
}
FIELDS = {"prompt": "Prompt", "system_prompt": "System prompt", "model_id": "Model"}


@dataclass(frozen=True, slots=True)
class RecommendationView:
    """One of them (evaluation_app.recommendations.representation)."""

    told: dict[str, Any]

    @property
    def badge(self) -> str:
        """The look of how far it is."""
        return BADGES.get(self.told["status"], "completed")

    @property
    def standing(self) -> str:
        """How far it is, in words; advice has nothing to measure."""
        if self.is_advice:
            return "Advice"
        return "Taken over in part" if self.is_part else NAMES[self.told["status"]]

    @property
    def is_part(self) -> bool:
        """Whether only some of its places were taken over."""
        return self.told["is_accepted_whole"] is False

    @property
    def is_advice(self) -> bool:
        """Whether it says what to look at, and changes nothing by itself."""
        return bool(self.told["kind"] == "advice")

    @property
    def is_live(self) -> bool:
        """Whether something may change by itself."""
        return bool(self.told["status"] == "verifying")

    @property
    def may_verify(self) -> bool:
        """Whether it can be measured."""
        return not self.is_advice and self.told["status"] == "proposed"

    @property
    def may_accept(self) -> bool:
        """Whether it can be taken over."""
        return not self.is_advice and self.told["status"] in ("proposed", "verified", "refused")

    @property
    def texts(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """What changes, by field: pieces that stay and places that change."""
        by_field: dict[str, list[dict[str, Any]]] = {}
        for piece in self.told["diff"]:
            by_field.setdefault(_name_of(piece["field"]), []).append(piece)
        return list(by_field.items())

    @property
    def places(self) -> list[dict[str, Any]]:
        """The places that change, to choose from."""
        return [piece for piece in self.told["diff"] if piece["hunk"] is not None]

    @property
    def measured(self) -> str:
        """What measuring has shown, in a sentence."""
        found = self.told["measured"]
        if not found:
            return ""
        verdict = found["verdict"].rstrip(".")
        tries = "" if found["tries"] == 1 else f", counted with {found['tries'] - 1} other tries on the same cases"
        told = f"{verdict[:1].upper()}{verdict[1:]}, on {number(found['cases'])} cases that were held out{tries}."
        if not self.is_part:
            return told
        return f"Measured was the whole: {told} Only a part of it was taken over, and that part was not measured."

    @property
    def bills(self) -> str:
        """What both cost on the same cases."""
        found = self.told["measured"]
        if not found or found["cost_before"] is None or found["cost_after"] is None:
            return ""
        return f"The same cases cost {money(found['cost_before'])} as it is, {money(found['cost_after'])} as proposed."


def _name_of(place: str) -> str:
    """A text by where it stands, such as `messages.1.content.0.text`."""
    kind, *rest = place.split(".")
    numbers = [int(each) + 1 for each in rest if each.isdecimal()]
    if kind != "messages":
        return FIELDS[kind] + (f", part {numbers[0]}" if numbers else "")
    return f"Message {numbers[0]}" + (f", part {numbers[1]}" if numbers[1:] else "")
