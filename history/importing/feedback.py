"""Imported ratings, comments and votes become rows, each its author's where they are known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Lower

from accounts.models import User
from history.importing.planning import Planned, PlannedComparison
from history.sequence import ascending_ids
from playground.feedback import names_in
from playground.models import ComparisonVote, ExecutionComment, ExecutionRating

BATCH: Final = 500

Author = Mapping[str, Any]


class People:
    """Users as a file names them: by their id where it comes from here, by their e-mail address anywhere.

    Whoever brings a file may have written it: what it says of others is marked as imported wherever it is shown.
    """

    def __init__(self, authors: Iterable[Author]) -> None:
        listed = list(authors)
        ids = {author["id"] for author in listed if author.get("id")}
        emails = {author["email"].lower() for author in listed if author.get("email")}
        active = User.objects.filter(is_active=True)
        self._by_id = {user.id: user for user in active.filter(id__in=ids)}
        self._by_email: dict[str, User | None] = {}
        for user in active.annotate(small=Lower("email")).filter(small__in=emails):
            # An address of two is nobody's.
            self._by_email[user.email.lower()] = None if user.email.lower() in self._by_email else user

    def known(self, author: Author) -> User | None:
        """The user; None for somebody who is none here."""
        return self._by_id.get(author.get("id") or UUID(int=0)) or self._by_email.get(author.get("email", "").lower())


def write(user: User, executions: Iterable[Planned], comparisons: Iterable[PlannedComparison]) -> None:
    """Writes what was said of these; call it in the transaction that made them."""
    said = [each for each in executions if each.given.get("ratings") or each.given.get("comments")]
    compared = list(comparisons)
    people = People(_authors(said, compared))
    ratings = (rating for each in said for rating in _ratings(each, people))
    ExecutionRating.objects.bulk_create(ratings, batch_size=BATCH)
    comments = (comment for each in said for comment in _comments(each, people, user))
    ExecutionComment.objects.bulk_create(comments, batch_size=BATCH)
    votes = (vote for each in compared for vote in _votes(each, people))
    ComparisonVote.objects.bulk_create(votes, batch_size=BATCH)


def _authors(said: Iterable[Planned], compared: Iterable[PlannedComparison]) -> Iterator[Author]:
    for each in said:
        for given in (*each.given.get("ratings", ()), *each.given.get("comments", ())):
            yield given["author"]
    for comparison in compared:
        for vote in comparison.votes:
            yield vote.author


def _ratings(planned: Planned, people: People) -> Iterator[ExecutionRating]:
    judged: set[UUID] = set()
    ratings = planned.given.get("ratings", ())
    for key, given in zip(ascending_ids(len(ratings)), ratings, strict=True):
        author = _once(people.known(given["author"]), judged)
        made = ExecutionRating(id=key, execution_id=planned.id, user=author, value=given.get("value"))
        made.thumb, made.rated_at = given.get("thumb") or "", given["rated_at"]
        made.sealed, made.imported_author = given["note"] or None, _as_written(given["author"])
        yield made


def _comments(planned: Planned, people: People, user: User) -> Iterator[ExecutionComment]:
    comments = planned.given.get("comments", ())
    for key, given in zip(ascending_ids(len(comments)), comments, strict=True):
        made = ExecutionComment(id=key, execution_id=planned.id, author=people.known(given["author"]))
        made.sealed, made.imported_author = given["text"], _as_written(given["author"])
        made.created_at, made.edited_at = given["created_at"], given.get("edited_at")
        # Nobody else may read the new session.
        called = {name.lower() for name in names_in(given["text"])}
        made.mentions = [user.id] if called & {user.username.lower(), user.email.lower()} else []
        yield made


def _votes(comparison: PlannedComparison, people: People) -> Iterator[ComparisonVote]:
    voted: set[UUID] = set()
    for vote in comparison.votes:
        author = _once(people.known(vote.author), voted)
        made = ComparisonVote(comparison_id=comparison.id, user=author, execution_id=vote.execution_id)
        made.voted_at = vote.voted_at
        yield made


def _once(author: User | None, before: set[UUID]) -> User | None:
    """The author, who says it once: a second saying is nobody's."""
    if author is None or author.id in before:
        return None
    before.add(author.id)
    return author


def _as_written(author: Author) -> dict[str, str]:
    return {name: author[name] for name in ("name", "email") if author.get(name)}
