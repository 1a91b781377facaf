"""What code of one version of a template is made from."""

from __future__ import annotations

from typing import Final

from providers.catalogue import listing
from templates_app.export_code.handover import Handover
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.partials.expanding import expanded

A_MODEL: Final = "openai/gpt-4o-mini"
"""For code of a version that was run on none yet."""


def handover_of(
    template: PromptTemplate,
    version: TemplateVersion,
    *,
    service_url: str,
    label: str | None = None,
    model_id: str = "",
) -> Handover:
    """The version with its partials in it, on `model_id`, else on its own model or that of its latest execution.

    A Problem names a partial that is gone.
    """
    whole = expanded(version)
    model_id = model_id or version.content.model_id or version.last_model_id or A_MODEL
    return Handover(
        template_id=str(template.id),
        name=template.name,
        version=version.number,
        label=label,
        content=whole.content,
        model_id=model_id,
        example=template.example,
        service_url=service_url,
        known=listing.asked(model_id),
        partials=tuple(f"{each.template.slug} (version {each.number})" for each in whole.versions),
    )
