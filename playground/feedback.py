"""What people say of an execution: comments with mentions, and one rating each. Whoever sees it may say something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem, not_found
from playground.models import ExecutionComment, ExecutionRating, PromptExecution
from sessions_app import live
from sessions_app.models import PlaygroundSession

MENTION: Final = re.compile(r"(?<![\w.])@([\w][\w.+-]{0,63}(?:@[\w.-]{1,190})?)")
MOST_MENTIONS: Final = 20


def seen(user: User, execution_id: UUID) -> PromptExecution:
    """The execution; a 404 problem for strangers."""
    found = PromptExecution.objects.visible_to(user).filter(id=execution_id).select_related("session").first()
    if found is None:
        raise not_found("The execution")
    return found


def add_comment(*, user: User, execution: PromptExecution, text: str) -> ExecutionComment:
    """A new comment; those who look at the session are told."""
    comment = ExecutionComment(execution=execution, author=user, mentions=_mentioned(text, execution))
    comment.sealed = text
    comment.save()
    live.tell(execution.session_id, "comment", id=comment.id, execution_id=execution.id)
    return comment


def change_comment(*, user: User, comment_id: UUID, text: str) -> ExecutionComment:
    """Another text for a comment of `user`'s own."""
    comment = _own(user, comment_id)
    comment.sealed, comment.edited_at = text, timezone.now()
    comment.mentions = _mentioned(text, comment.execution)
    comment.save(update_fields=["sealed", "edited_at", "mentions"])
    live.tell(comment.execution.session_id, "comment", id=comment.id, execution_id=comment.execution_id)
    return comment


def remove_comment(*, user: User, comment_id: UUID) -> None:
    """Removes a comment: one's own, or any in one's own session."""
    comment = _own(user, comment_id, owner_may=True)
    comment.delete()
    live.tell(comment.execution.session_id, "comment", id=comment_id, execution_id=comment.execution_id)


def _own(user: User, comment_id: UUID, *, owner_may: bool = False) -> ExecutionComment:
    visible = ExecutionComment.objects.visible_to(user).select_related("execution__session", "author")
    comment = visible.filter(id=comment_id).first()
    if comment is None:
        raise not_found("The comment")
    if comment.author_id != user.id and not (owner_may and comment.execution.session.user_id == user.id):
        raise Problem(403, "forbidden", "This comment is somebody else's.")
    return comment


def names_in(text: str) -> list[str]:
    """User names and e-mail addresses that `text` calls with an @."""
    return [name.rstrip(".") for name in dict.fromkeys(MENTION.findall(text))][:MOST_MENTIONS]


def _mentioned(text: str, execution: PromptExecution) -> list[UUID]:
    """Users whom `text` names by `@user name` or `@e-mail`, and who may read it."""
    names = names_in(text)
    named = Q()
    for name in names:
        named |= Q(username=name) | Q(email__iexact=name)
    if not names:
        return []
    people = User.objects.filter(named, is_active=True)[:MOST_MENTIONS]
    session = PlaygroundSession.objects.filter(id=execution.session_id)
    return [person.id for person in people if session.visible_to(person).exists()]


def comments_json(comments: Iterable[ExecutionComment]) -> list[dict[str, Any]]:
    """Comments as the API tells them."""
    listed = list(comments)
    ids = {each for comment in listed for each in comment.mentions}
    names = {user.id: str(user) for user in User.objects.filter(id__in=ids)} if ids else {}
    return [
        {
            "id": comment.id,
            "author": comment.person,
            "text": comment.text,
            "mentions": [{"id": each, "name": names.get(each, "")} for each in comment.mentions],
            "created_at": comment.created_at,
            "edited_at": comment.edited_at,
        }
        for comment in listed
    ]


@transaction.atomic
def rate(
    *, user: User, execution: PromptExecution, value: int | None, thumb: str = "", note: str = ""
) -> ExecutionRating:
    """Takes this as the user's only rating of the execution."""
    # The execution's row is the lock: two clicks at once are one rating.
    PromptExecution.objects.select_for_update(no_key=True).only("id").get(id=execution.id)
    rating = ExecutionRating.objects.filter(execution=execution, user=user).first()
    rating = rating or ExecutionRating(execution=execution, user=user)
    rating.value, rating.thumb, rating.rated_at = value, thumb, timezone.now()
    rating.sealed = note or None
    rating.save()
    live.tell(execution.session_id, "rating", execution_id=execution.id)
    return rating


def thumb_of(execution: PromptExecution, user: User) -> str:
    """What `user` thought of it: up, down, or nothing."""
    found = ExecutionRating.objects.filter(execution=execution, user=user).values_list("thumb", flat=True).first()
    return found or ""


def rating_json(rating: ExecutionRating) -> dict[str, Any]:
    """A rating as the API tells it."""
    return {
        "execution_id": rating.execution_id,
        "user": rating.person,
        "value": rating.value,
        "thumb": rating.thumb or None,
        "note": rating.sealed or "",
        "rated_at": rating.rated_at,
    }
