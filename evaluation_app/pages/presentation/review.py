"""A review as its pages show it: to whoever judges, and to whoever asked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from evaluation_app.models import ReviewKind, ReviewLock, ReviewQueue, ReviewRater, ReviewScale
from evaluation_app.pages.presentation.rate import RateView
from evaluation_app.review.progress import OwnProgress, Progress, own_progress, progress_of
from evaluation_app.review.raters import names_of
from evaluation_app.review.showing import ShownItem, shown
from foundation.words import number


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it says, what it sends, and the key that presses it."""

    value: str
    text: str
    key: str
    kind: str = ""
    icon: str = ""
    """As a rating elsewhere has it."""


PASS_FAIL: Final = (
    Choice("pass", "Pass", "P", "pass", "thumb-up"),
    Choice("fail", "Fail", "F", "fail", "thumb-down"),
)
PAIR: Final = (Choice("a", "A is better", "A"), Choice("b", "B is better", "B"), Choice("tie", "Tie", "T"))


class ReviewPage:
    """What stands around the item."""

    def __init__(self, queue: ReviewQueue, rater: ReviewRater, *, now: datetime) -> None:
        self.queue = queue
        self.rater = rater
        self._now = now

    @property
    def name(self) -> str:
        """What the reviewer is called in this review."""
        return names_of(self.queue)[self.rater.id]

    @property
    def is_pairwise(self) -> bool:
        """Whether two answers stand side by side."""
        return self.queue.kind == ReviewKind.PAIRWISE

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be said of an item."""
        if self.is_pairwise:
            return PAIR
        if self.queue.scale == ReviewScale.PASS_FAIL:
            return PASS_FAIL
        return tuple(Choice(str(rating), str(rating), str(rating), icon="star-filled") for rating in range(1, 6))

    @property
    def scale_told(self) -> str:
        """What the numbers mean; empty where there are none."""
        if self.queue.scale != ReviewScale.ONE_TO_FIVE:
            return ""
        return f"1 is worst, 5 is best; {self.queue.pass_from} and above count as passed."

    @cached_property
    def all(self) -> Progress:
        """The whole queue's progress."""
        return progress_of(self.queue)

    @cached_property
    def yours(self) -> OwnProgress:
        """The reviewer's part."""
        return own_progress(self.queue, self.rater, now=self._now)

    @property
    def has_said(self) -> bool:
        """Whether there is something to take back."""
        return bool(self.yours.labelled or self.yours.skipped)

    @property
    def told(self) -> str:
        """Such as `12 of 40 answers are in, 5 by you`."""
        mine = f"{number(self.yours.labelled)} by you"
        skipped = f", {number(self.yours.skipped)} skipped" if self.yours.skipped else ""
        return f"{number(self.all.labels)} of {number(self.all.needed)} judgements are in, {mine}{skipped}"

    @property
    def lock_told(self) -> str:
        """How long an item is kept, in words."""
        seconds = self.queue.lock_seconds
        return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"


@dataclass(frozen=True, slots=True)
class Field:
    """One variable of the input."""

    name: str
    text: str


class ItemView:
    """An item, its values as text."""

    def __init__(self, item: ShownItem) -> None:
        self.item = item

    @property
    def id(self) -> object:
        """The item's."""
        return self.item.item.id

    @property
    def number(self) -> str:
        """Its place, from 1."""
        return number(self.item.number)

    @property
    def fields(self) -> list[Field]:
        """The input, value by value."""
        return [Field(name, _text(value)) for name, value in self.item.input.items()]

    @property
    def answers(self) -> list[tuple[str, str | None, str]]:
        """Title, text, and of whom; the last is empty where the review is blind."""
        return [
            (
                f"Answer {each.side.upper()}" if each.side else "Answer",
                each.text,
                f"{each.variant}, {each.model_id}" if each.variant else "",
            )
            for each in self.item.answers
        ]

    @property
    def comment(self) -> str:
        """What was said before it was taken back."""
        return str(self.item.former.comment) if self.item.former else ""

    @property
    def corrected(self) -> str:
        """What the answer should have been, said before it was taken back."""
        return str(self.item.former.corrected) if self.item.former else ""


def shown_item(queue: ReviewQueue, lock: ReviewLock | None) -> ItemView | None:
    """What `lock` gives its rater to see."""
    return ItemView(shown(queue, lock)) if lock else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


class AgreementView:
    """How far people agree, in a sentence first."""

    def __init__(self, told: Mapping[str, Any], *, raters_per_item: int) -> None:
        self.told = told
        self._raters_per_item = raters_per_item
        self.share = RateView(told["agreement"])
        self.kappa = told["kappa"]

    @property
    def sentence(self) -> str:
        """What a person reads first."""
        items = self.told["items"]
        if not items:
            step = ": give each item two reviewers to see how far they agree" if self._raters_per_item == 1 else ""
            return f"No answer has been judged by two people yet{step}."
        both = f"{number(items)} {'answer was' if items == 1 else 'answers were'} judged by two or more."
        span = f" ({self.share.span})" if self.share.span else ""
        return f"Two people say the same {self.share.share} of the time{span}. {both}"

    @property
    def kappa_told(self) -> str:
        """κ with its interval, or why there is none."""
        value, interval = self.kappa["value"], self.kappa["interval"]
        if value is None:
            alike = "everybody said the same of everything, so chance would agree as well"
            return f"κ cannot be told: {alike}." if self.told["items"] else ""
        pairs = len(self.told["pairs"])
        if not interval:
            return f"κ is {_signed(value)}, the mean of {pairs} pairs of reviewers; it has no interval, each pair has."
        return f"κ is {_signed(value)} ({_signed(interval['low'])} to {_signed(interval['high'])})."
