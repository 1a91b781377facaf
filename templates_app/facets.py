"""Labels that the library can be narrowed to."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from accounts.models import User
from templates_app.models import PromptTemplate, TemplateLabel


def labels(user: User) -> list[dict[str, Any]]:
    """Each label of templates that `user` sees, with their number, in alphabetical order."""
    visible = PromptTemplate.objects.visible_to(user).values("id")
    counted = TemplateLabel.objects.filter(template__in=visible).order_by().values("name")
    return [dict(row) for row in counted.annotate(count=Count("id")).order_by("name")]
