"""The tests, suites and datasets that use a template, for its page."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from evaluation_app.models import Dataset, EvaluationTest, Suite
from templates_app.models import PromptTemplate
from templates_app.versions.uses import SHOWN, Use, Uses, register, uses


def declare() -> None:
    """To be called when the app is ready."""
    register(places)


def places(user: User, template: PromptTemplate) -> Iterator[Uses]:
    """Those that the user may see, the newest first."""
    tests = EvaluationTest.objects.visible_to(user).filter(variants__template_version__template=template).distinct()
    yield uses(
        "Evaluations",
        (
            Use(each.name, reverse("evaluation", args=[each.id]), each.get_status_display().lower(), each.created_at)
            for each in tests.order_by("-created_at", "id")[: SHOWN + 1]
        ),
    )
    suites = Suite.objects.visible_to(user).filter(template=template)
    yield uses(
        "Suites",
        (
            Use(
                each.name,
                reverse("suite", args=[each.id]),
                f"gates {each.gate_label}" if each.gate_label else "",
                each.created_at,
            )
            for each in suites.order_by("-created_at", "id")[: SHOWN + 1]
        ),
    )
    datasets = Dataset.objects.visible_to(user).filter(template=template)
    yield uses(
        "Datasets",
        (
            Use(each.name, reverse("dataset", args=[each.id]), "its inputs fit the variables", each.created_at)
            for each in datasets.order_by("-created_at", "id")[: SHOWN + 1]
        ),
    )
