"""How long templates are kept, and how holds find them."""

from __future__ import annotations

from privacy.holds import reaches
from privacy.keeping import ByItsClock, UntilRemoved, With, decide
from privacy.models import Covers
from templates_app.models import PromptTemplate, TemplateImport


def declare() -> None:
    """To be called when the app is ready."""
    decide(UntilRemoved("with all their versions: labels, tests and code in production name them"), "prompt_templates")
    decide(
        With("prompt_templates"),
        "template_versions", "template_partials", "template_ratings", "template_favourites", "template_members",
        "template_labels", "template_label_moves", "template_label_protections", "template_label_requests",
        "template_splits",
        "template_import_entries",
    )  # fmt: skip
    decide(ByItsClock("files that were only looked at: a day"), "template_imports")
    reaches(PromptTemplate, Covers.TEMPLATE, "id")
    reaches(PromptTemplate, Covers.USER, "owner_id")
    reaches(PromptTemplate, Covers.ORGANISATION, "owner__organisation")
    reaches(TemplateImport, Covers.USER, "user_id")
    reaches(TemplateImport, Covers.ORGANISATION, "user__organisation")
