"""What reviewing refuses."""

from __future__ import annotations

from foundation.problems import Problem, not_found


def no_queue() -> Problem:
    """404: missing, or somebody else's."""
    return not_found("The review")


def no_item() -> Problem:
    """404: the queue has no such item."""
    return not_found("The item")


def link_ended() -> Problem:
    """410: the link was taken back, is too old, or never was one; which of them is not told."""
    return Problem(410, "review_link_ended", "This link does not lead to a review any more.")


def test_unfinished() -> Problem:
    """409: answers are drawn from a test that has ended, else the quick ones would stand for all."""
    return Problem(
        409, "test_state", "The test has not ended: what has come so far does not stand for all its answers."
    )


def nothing_to_review(what: str) -> Problem:
    """409: the draw would be empty."""
    return Problem(409, "nothing_to_review", f"The test has no {what} to review.")


def has_labels() -> Problem:
    """409: a rubric that changes under those who judge by it would make two reviews of one."""
    return Problem(
        409, "review_begun", "Somebody has already judged by this rubric: make a new review for another one."
    )


def not_held() -> Problem:
    """409: the rater was never given this item, or has given it back."""
    return Problem(409, "item_not_held", "This item is not with you.")


def already_labelled() -> Problem:
    """409: the rater's label of it is there."""
    return Problem(409, "already_labelled", "You have already answered this one.")


def item_lost() -> Problem:
    """409: the rater's time was over, and others have taken the place."""
    return Problem(409, "item_lost", "Somebody else has taken this one meanwhile: your time for it was over.")


def nothing_to_undo() -> Problem:
    """409: the rater has said nothing that still holds."""
    return Problem(409, "nothing_to_undo", "There is nothing of yours to undo.")


def too_many_raters() -> Problem:
    """409: so many people have never reviewed anything."""
    return Problem(409, "too_many_raters", "This review has as many reviewers as one can have.")
