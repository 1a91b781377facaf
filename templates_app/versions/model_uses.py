"""Which templates ask a model: by their labels, by the splits of these, and by their present version."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from accounts.models import User
from foundation.sealing.encryption import CannotDecrypt
from providers.retiring.uses import Use
from templates_app.models import PromptTemplate, TemplateLabel, TemplateVersion

AT_ONCE = 500


def find(models: Collection[str], seen_by: User | None) -> Iterator[Use]:
    """A use for each label, and one for a present version that no label stands at."""
    seen = PromptTemplate.objects.alive() if seen_by is None else PromptTemplate.objects.visible_to(seen_by)
    labels = TemplateLabel.objects.filter(template__in=seen).select_related("template", "version", "split__candidate")
    labelled = set()
    for label in labels.order_by("id").iterator(AT_ONCE):
        versions = [label.version, *([label.split.candidate] if label.split else [])]
        labelled |= {each.id for each in versions}
        for model_id in sorted({_model_of(each) for each in versions} & set(models)):
            yield _use(label.template, model_id, detail=label.name)
    for template in seen.exclude(current_id__in=labelled).select_related("current").order_by("id").iterator(AT_ONCE):
        if template.current is not None and (model_id := _model_of(template.current)) in models:
            yield _use(template, model_id, detail="")


def _model_of(version: TemplateVersion) -> str:
    """What it names, else what it ran on last; empty for one that does not open."""
    try:
        return version.content.model_id or version.last_model_id
    except CannotDecrypt:
        return version.last_model_id


def _use(template: PromptTemplate, model_id: str, *, detail: str) -> Use:
    return Use(model_id, "template", template.id, template.name, detail, template.owner_id)
