"""An estimate of cost as the API tells it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.estimation.estimating import MINIMUM_RATE
from foundation.rest.serializers import StrictSerializer


class QualityBarBody(StrictSerializer):
    """What counts as good enough."""

    minimum_rate = serializers.FloatField(
        min_value=0, max_value=1, default=MINIMUM_RATE, help_text="The success rate that a test has to have shown."
    )


class RangeJSON(serializers.Serializer[Any]):
    """USD."""

    low = serializers.FloatField()
    expected = serializers.FloatField()
    high = serializers.FloatField()


class SeenInputJSON(serializers.Serializer[Any]):
    """Tokens of input of calls that were made, as the provider counted them."""

    n = serializers.IntegerField()
    p10 = serializers.FloatField()
    p50 = serializers.FloatField()
    p90 = serializers.FloatField()


class InputTokensJSON(serializers.Serializer[Any]):
    """Tokens of the input; `low` and `high` are apart where it is an estimate."""

    tokens = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    method = serializers.ChoiceField(choices=["tokenizer", "estimated"])
    tokenizer = serializers.CharField(allow_null=True, help_text="What the texts were counted with.")
    cache_read_share = serializers.FloatField(help_text="Expected to be read from the provider's cache.")
    cache_write_share = serializers.FloatField(help_text="Expected to be written to it.")
    seen = SeenInputJSON(allow_null=True, help_text="Of this template's calls on this model, whatever they filled in.")


class OutputTokensJSON(serializers.Serializer[Any]):
    """Tokens of an answer, thoughts included, as those of calls that were made; quantiles null where none were."""

    basis = serializers.CharField(
        help_text="Whose calls: template_and_model, template (other models), session, own_model, model (everybody's); "
        "given: by you; assumed: nobody knows, and the most is counted."
    )
    n = serializers.IntegerField(help_text="Calls that were looked at, of the last 90 days.")
    mean = serializers.FloatField()
    p10 = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    most = serializers.IntegerField(help_text="That an answer may have.")
    cut = serializers.IntegerField(help_text="Of those calls, those that were longer than that.")
    reasoning_share = serializers.FloatField()


class CostBreakdownJSON(serializers.Serializer[Any]):
    """USD of the expected call."""

    input_cost = serializers.FloatField()
    output_cost = serializers.FloatField()


class MeasuredQualityJSON(serializers.Serializer[Any]):
    """What the newest test of this prompt on this model showed."""

    test_id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    success_rate = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    samples = serializers.IntegerField()
    is_met = serializers.BooleanField(help_text="The rate is at least the minimum.")
    is_sure = serializers.BooleanField(help_text="So is the low end of its interval.")


class DerivationJSON(serializers.Serializer[Any]):
    """How a part of it came about."""

    subject = serializers.ChoiceField(choices=["input", "output", "cache", "price", "cost"])
    sentence = serializers.CharField()


class ModelCostJSON(serializers.Serializer[Any]):
    """One model's estimate; costs are null where its price is unknown."""

    model_id = serializers.CharField()
    price_known = serializers.BooleanField()
    fits_window = serializers.BooleanField(help_text="Whether the input can fit into its window.")
    input = InputTokensJSON()
    output = OutputTokensJSON()
    breakdown = CostBreakdownJSON(allow_null=True)
    per_call = RangeJSON(allow_null=True)
    per_month = RangeJSON(allow_null=True, help_text="Of calls_per_day in 30.44 days; null without it.")
    range_method = serializers.ChoiceField(
        choices=["prediction_interval", "fixed", "bounds"],
        allow_null=True,
        help_text="Of per_month. prediction_interval: where the mean of that many calls will lie, at `confidence`; of "
        "calls, eight of ten lie in per_call. fixed: the length is given. bounds: between one token and the most.",
    )
    quality = MeasuredQualityJSON(allow_null=True)
    cheapest = serializers.BooleanField()
    cheapest_qualified = serializers.BooleanField()
    derivation = DerivationJSON(many=True)


class EstimationPeriodJSON(serializers.Serializer[Any]):
    """From and to."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.DateTimeField() for name in ("from", "to")}


class OtherCostJSON(serializers.Serializer[Any]):
    """What the same calls would have cost; null where a price is unknown."""

    cost = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField(allow_null=True, help_text="USD less actual_cost; below 0, it is saved.")
    share = serializers.FloatField(allow_null=True, help_text="The difference as a part of actual_cost.")
    goal_reached = serializers.BooleanField(allow_null=True)


class OtherModelCostJSON(OtherCostJSON):
    """On another model."""

    model_id = serializers.CharField()


class ShorterPromptCostJSON(OtherCostJSON):
    """With input shorter by this part, on the models that they ran on."""

    prompt_share = serializers.FloatField()


class SavingsJSON(serializers.Serializer[Any]):
    """Last month's real calls: what they cost, and would have cost."""

    basis = serializers.ChoiceField(
        choices=["template", "own_models"],
        help_text="The template's calls that you may read; your own of these models.",
    )
    period = EstimationPeriodJSON()
    executions = serializers.IntegerField()
    actual_cost = serializers.FloatField(allow_null=True)
    goal_share = serializers.FloatField()
    if_model = OtherModelCostJSON(many=True)
    if_prompt_shorter = ShorterPromptCostJSON()
    note = serializers.CharField()


class CostEstimationJSON(serializers.Serializer[Any]):
    """The models in the order asked."""

    currency = serializers.CharField()
    period = EstimationPeriodJSON(help_text="Of the calls that were looked at.")
    calls_per_day = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField()
    models = ModelCostJSON(many=True)
    cheapest = serializers.CharField(allow_null=True, help_text="Whose call is expected to cost least.")
    cheapest_qualified = serializers.CharField(
        allow_null=True, help_text="The same of those that met the minimum in a test of yours or shared with you."
    )
    quality = QualityBarBody()
    savings = SavingsJSON()
