"""Usage over REST."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import check_time_zone
from accounts.requests import principal
from analytics.usage.answering import answer, asked_by
from analytics.usage.asking import FILTERS, GROUPS, MOST_GROUPS
from analytics.usage.sources import TEXTS
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer

MOST_VALUES: Final = 50
LONGEST: Final = 255


class ListField(serializers.CharField):
    """Words with commas between them, each once."""

    def __init__(self, *, of: serializers.Field[Any, Any, Any, Any], most: int, **options: Any) -> None:
        super().__init__(max_length=most * (LONGEST + 1), **options)
        self._of = of
        self._most = most

    def to_internal_value(self, data: Any) -> Any:
        told = super().to_internal_value(data).split(",")
        if len(told) > self._most:
            raise serializers.ValidationError(f"Up to {self._most} are named at once.", code="too_many")
        return list(dict.fromkeys(str(self._of.run_validation(each.strip())) for each in told))


class UsageQuery(StrictSerializer):
    """What is asked of usage."""

    time_zone = serializers.CharField(
        max_length=64, default="UTC", help_text="In which days begin, by its name in the IANA database."
    )
    group_by = ListField(
        of=serializers.ChoiceField(GROUPS), most=2, required=False,
        help_text=f"One of {', '.join(GROUPS)}; or two with a comma, at most one of them a time.",
    )  # fmt: skip
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_GROUPS, default=100, help_text="Groups that are told, the dearest first."
    )
    user_id = serializers.CharField(max_length=36, required=False, help_text="Whose runs: an id, or `me`.")
    team_id = serializers.UUIDField(required=False, help_text="Runs of its people; for its managers.")
    organisation = serializers.CharField(
        max_length=LONGEST, required=False, help_text="Runs of its people, by its key; for its managers."
    )

    def get_fields(self) -> dict[str, Any]:
        # `from` cannot be a name in a class.
        told = "A moment (ISO 8601) or a date in the time zone"
        span = {
            "from": serializers.CharField(max_length=40, required=False, help_text=f"{told}; without it 30 days."),
            "to": serializers.CharField(
                max_length=40, required=False, help_text=f"{told}: runs that began before, or on that day."
            ),
        }
        filters = {
            name: ListField(
                of=serializers.CharField(max_length=LONGEST) if name in TEXTS else serializers.UUIDField(),
                most=MOST_VALUES, required=False, help_text="Several with commas between them.",
            )
            for name in FILTERS
        }  # fmt: skip
        return {**span, **super().get_fields(), **filters}

    def validate_time_zone(self, value: str) -> str:
        try:
            check_time_zone(value)
            ZoneInfo(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code="unknown_time_zone") from None
        except (KeyError, ValueError, OSError):
            raise serializers.ValidationError(f"There is no time zone {value!r}.", code="unknown_time_zone") from None
        return value

    def validate_user_id(self, value: str) -> str:
        return value if value == "me" else str(serializers.UUIDField().run_validation(value))


class TokenSumsJSON(serializers.Serializer[Any]):
    """`prompt` is all input, cached included; `completion` all output, reasoning included."""

    prompt = serializers.IntegerField()
    completion = serializers.IntegerField()
    total = serializers.IntegerField()
    cache_read = serializers.IntegerField()
    cache_write = serializers.IntegerField()
    reasoning = serializers.IntegerField()


class LineCostsJSON(serializers.Serializer[Any]):
    """USD by the kind of line on the bills; `other` was billed before lines were kept."""

    input = serializers.FloatField()
    cache_read = serializers.FloatField()
    cache_write = serializers.FloatField()
    output = serializers.FloatField()
    reasoning = serializers.FloatField()
    attempt = serializers.FloatField()
    other = serializers.FloatField()


class TimesJSON(serializers.Serializer[Any]):
    """Seconds of the completed runs of which one is known, at most 2 % off."""

    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)


class FiguresJSON(serializers.Serializer[Any]):
    """What some runs used."""

    executions = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    cached = serializers.IntegerField(help_text="Answered out of the cache.")
    success_rate = serializers.FloatField(allow_null=True, help_text="Completed of completed and failed.")
    tokens = TokenSumsJSON()
    cost = serializers.FloatField(help_text="USD.")
    cost_by_line = LineCostsJSON()
    cost_elsewhere = serializers.FloatField(help_text="USD of calls that were made elsewhere, and told by traces.")
    unpriced = serializers.IntegerField(help_text="Runs with tokens whose price was not known: `cost` leaves them out.")
    latency = TimesJSON(allow_null=True)
    time_to_first_token = TimesJSON(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        # `errors` of a serializer is something else.
        told = "Failed runs by code; null in groups of two kinds, and of the others."
        return {
            **super().get_fields(),
            "errors": serializers.DictField(child=serializers.IntegerField(), allow_null=True, help_text=told),
        }


class UsageRowJSON(FiguresJSON):
    """One group."""

    group = serializers.DictField(
        child=serializers.CharField(allow_null=True), help_text="Its value by each word of `group_by`; null: none."
    )
    name = serializers.CharField(allow_null=True, help_text="Of a person, team, session, template, version or token.")


class OthersJSON(FiguresJSON):
    """The groups beyond `limit` together."""

    groups = serializers.IntegerField(help_text="How many they are.")


class UsageAnswerJSON(serializers.Serializer[Any]):
    """Times ascending, other groups the dearest first; copies of runs (forks, imports) count nowhere."""

    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(),
            "time_zone": serializers.CharField(),
            "group_by": serializers.ListField(child=serializers.ChoiceField(GROUPS)),
            "total": FiguresJSON(),
            "results": UsageRowJSON(many=True),
            "others": OthersJSON(allow_null=True),
        }


class UsageView(APIView):
    """`GET /api/analytics/usage`."""

    @extend_schema(
        operation_id="usage", parameters=[UsageQuery], responses={200: UsageAnswerJSON, **problems(400, 403, 404)}
    )
    def get(self, request: Request) -> Response:
        """Executions, tokens, cost, errors and times, grouped: your own; to managers those of their team or
        organisation; to administrators everybody's.
        """
        viewer = principal(request)
        return Response(answer(asked_by(viewer, query_of(request, UsageQuery)), viewer=viewer))
