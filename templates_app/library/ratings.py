"""Ratings and favourites; the average is kept exact under the template's lock."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from templates_app.lookup import visible
from templates_app.models import PromptTemplate, TemplateFavourite, TemplateRating


@transaction.atomic
def rate(*, user: User, template_id: UUID, value: int) -> PromptTemplate:
    """Takes `value` (1 to 5) as the user's only rating."""
    visible(user, template_id)
    template = PromptTemplate.objects.select_for_update(no_key=True).get(id=template_id)
    before = TemplateRating.objects.filter(template=template, user=user).first()
    TemplateRating.objects.update_or_create(
        template=template, user=user, defaults={"value": value, "rated_at": timezone.now()}
    )
    PromptTemplate.objects.filter(id=template_id).update(
        ratings_sum=F("ratings_sum") + value - (before.value if before else 0),
        ratings_count=F("ratings_count") + (0 if before else 1),
    )
    template.refresh_from_db(fields=["ratings_sum", "ratings_count", "rating"])
    return template


def withdraw(rating: TemplateRating) -> None:
    """Removes one rating (a curator's act), and what it counted for."""
    with transaction.atomic():
        PromptTemplate.objects.select_for_update(no_key=True).get(id=rating.template_id)
        if rating.delete()[0]:
            PromptTemplate.objects.filter(id=rating.template_id).update(
                ratings_sum=F("ratings_sum") - rating.value, ratings_count=F("ratings_count") - 1
            )


def set_favourite(*, user: User, template_id: UUID, is_favourite: bool) -> None:
    """Puts the template among the user's favourites, or takes it out."""
    visible(user, template_id)
    if is_favourite:
        TemplateFavourite.objects.get_or_create(template_id=template_id, user=user)
    else:
        TemplateFavourite.objects.filter(template_id=template_id, user=user).delete()
