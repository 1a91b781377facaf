"""What the doors of reviews answer, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evaluation_app.models import ReviewKind, ReviewScale, ReviewSelection, Winner


class RubricJSON(serializers.Serializer[Any]):
    """What reviewers go by."""

    text = serializers.CharField(allow_blank=True)
    scale = serializers.ChoiceField(choices=ReviewScale.choices, allow_null=True, help_text="null: of pairs.")
    pass_from = serializers.IntegerField(allow_null=True)


class ReviewLinkJSON(serializers.Serializer[Any]):
    """The link: whoever has it may review."""

    address = serializers.CharField()
    ends_at = serializers.DateTimeField()


class ReviewProgressJSON(serializers.Serializer[Any]):
    """Counts of items, and of the labels that they have and need."""

    items = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Items that need no more labels.")
    labels: Any = serializers.IntegerField()
    needed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    raters = serializers.IntegerField()


class OwnProgressJSON(serializers.Serializer[Any]):
    """Your part."""

    labelled = serializers.IntegerField()
    skipped = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Items that need labels and have none of yours.")
    free = serializers.IntegerField(help_text="Of those, what nobody else is at.")


class BothProgressJSON(ReviewProgressJSON):
    """The review's, and yours."""

    yours = OwnProgressJSON()


class ReviewJSON(serializers.Serializer[Any]):
    """A review of a test's answers."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    test_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ReviewKind.choices)
    selection = serializers.ChoiceField(choices=ReviewSelection.choices)
    is_random = serializers.BooleanField(help_text="Whether its labels may calibrate a judge.")
    seed = serializers.IntegerField()
    size = serializers.IntegerField(allow_null=True)
    blind = serializers.BooleanField()
    rubric = RubricJSON()
    raters_per_item = serializers.IntegerField()
    lock_seconds = serializers.IntegerField()
    link = ReviewLinkJSON(allow_null=True)
    progress = ReviewProgressJSON()
    created_at = serializers.DateTimeField()


class ReviewAnswerJSON(serializers.Serializer[Any]):
    """An answer to judge; variant and model are null where the review is blind."""

    side = serializers.ChoiceField(choices=["a", "b"], allow_null=True)
    text = serializers.CharField(allow_null=True)
    variant = serializers.CharField(allow_null=True)
    model_id = serializers.CharField(allow_null=True)


class ReviewItemJSON(serializers.Serializer[Any]):
    """An item to judge, until somebody else may take it."""

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    input = serializers.DictField()
    answers = ReviewAnswerJSON(many=True)
    until = serializers.DateTimeField()
    former = serializers.DictField(allow_null=True, help_text="What you said of it before you took it back.")


class NextItemJSON(serializers.Serializer[Any]):
    """An item, and how far all is."""

    item = ReviewItemJSON(allow_null=True)
    progress = BothProgressJSON()


class ReviewerJSON(serializers.Serializer[Any]):
    """Who said it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)


class ReviewLabelJSON(serializers.Serializer[Any]):
    """What one reviewer said of one item."""

    id = serializers.UUIDField()
    item = serializers.UUIDField()
    position = serializers.IntegerField()
    case = serializers.IntegerField()
    case_key = serializers.CharField()
    samples = serializers.ListField(child=serializers.UUIDField(), help_text="Of a pair: A and B.")
    rater = ReviewerJSON()
    skipped = serializers.BooleanField()
    passed = serializers.BooleanField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)
    winner = serializers.ChoiceField(choices=Winner.choices, allow_null=True, help_text="By the order of samples.")
    corrected = serializers.CharField(allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    seconds = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()


class LabelledJSON(serializers.Serializer[Any]):
    """The label, and how far all is."""

    label: Any = ReviewLabelJSON()
    progress = BothProgressJSON()


class AdoptedJSON(serializers.Serializer[Any]):
    """What is expected of a case in later tests."""

    case_key = serializers.CharField()
    text = serializers.CharField()
    label_id = serializers.UUIDField(allow_null=True)


class AgreementJSON(serializers.Serializer[Any]):
    """How far reviewers agree; `kappa` and `agreement` name their method and carry their interval."""

    items = serializers.IntegerField(help_text="That two or more have judged.")
    raters = serializers.IntegerField()
    kappa = serializers.DictField()
    agreement = serializers.DictField()
    pairs = serializers.ListField(child=serializers.DictField())
    disagreements = serializers.ListField(child=serializers.DictField())
