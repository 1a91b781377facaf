"""A person's templates, for themselves."""

from __future__ import annotations

from privacy.own_data.records import of_rows
from templates_app.models import LabelRequest, PromptTemplate, TemplateRating, TemplateSplit, TemplateVersion


def declare() -> None:
    """To be called when the app is ready."""
    of_rows(
        "templates",
        "Your templates; what each held stands in template_versions.",
        lambda user: PromptTemplate.objects.filter(owner=user),
        "id", "name", "slug", "category", "description", "tags", "visibility", "example", "created_at", "updated_at",
        "deleted_at",
    )  # fmt: skip
    of_rows(
        "template_versions",
        "The versions of your templates, and those that you have written of others'.",
        lambda user: TemplateVersion.objects.filter(template__owner=user)
        | TemplateVersion.objects.filter(author=user),
        "id", "template_id", "number", "sealed", "note", "created_at",
    )  # fmt: skip
    of_rows(
        "template_ratings",
        "Your ratings of templates.",
        lambda user: TemplateRating.objects.filter(user=user),
        "template_id", "value", "rated_at",
    )  # fmt: skip
    of_rows(
        "label_requests",
        "What you have asked of protected labels, and why.",
        lambda user: LabelRequest.objects.filter(asked_by=user),
        "template_id", "name", "act", "terms", "reason", "status", "asked_at",
    )  # fmt: skip
    of_rows(
        "template_splits",
        "What you have split a label's calls by.",
        lambda user: TemplateSplit.objects.filter(started_by=user),
        "template_id", "label", "share", "measure", "promotes", "scorers", "started_at", "ended_at", "outcome",
    )  # fmt: skip
