"""What is told of a template as an event, in the transaction of its change; the template's row is locked there."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from events.outbox.publishing import publish
from templates_app.models import PromptTemplate

Happening = Literal["created", "updated", "deleted", "label_moved", "split_started", "split_ended"]


def tell(
    happening: Happening,
    template: PromptTemplate,
    *,
    by: UUID | None,
    version: int | None = None,
    label: str = "",
    **facts: Any,
) -> None:
    """`version`: the number of what was saved, or of where the label points now; none where it was taken away.

    Of a split it is the candidate's, and `facts` are its share or its outcome.
    """
    moved = {"label": label, "version": version} if label else {}
    saved = {"version": version} if version is not None else {}
    publish(
        f"template.{happening}",
        aggregate=f"template:{template.id}",
        payload={"template_id": str(template.id), "user_id": by and str(by), **saved, **moved, **facts},
        words={"template_name": template.name, "category": template.category},
        user_id=by,
        also_for=[template.owner_id],
    )
