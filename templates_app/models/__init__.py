"""The tables of the Template Manager: templates with their versions, labels, and imports."""

from templates_app.models.imports import ImportedTemplate, TemplateImport
from templates_app.models.labels import (
    LabelMove,
    LabelProtection,
    LabelRequest,
    RequestedAct,
    RequestStatus,
    TemplateLabel,
)
from templates_app.models.split import MOST_SHARE, Measure, SplitOutcome, TemplateSplit
from templates_app.models.template import (
    KEPT_AFTER_DELETION,
    PromptTemplate,
    TemplateFavourite,
    TemplateMember,
    TemplatePartial,
    TemplateQuerySet,
    TemplateRating,
    TemplateVersion,
    Visibility,
)

__all__ = [
    "KEPT_AFTER_DELETION",
    "MOST_SHARE",
    "ImportedTemplate",
    "LabelMove",
    "LabelProtection",
    "LabelRequest",
    "Measure",
    "PromptTemplate",
    "RequestStatus",
    "RequestedAct",
    "SplitOutcome",
    "TemplateFavourite",
    "TemplateImport",
    "TemplateLabel",
    "TemplateMember",
    "TemplatePartial",
    "TemplateQuerySet",
    "TemplateRating",
    "TemplateSplit",
    "TemplateVersion",
    "Visibility",
]
