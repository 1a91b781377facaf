"""A provider's bill laid beside the ledger, over REST."""

from __future__ import annotations

import csv
import io
from io import BytesIO
from typing import IO, Any, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role, User
from accounts.requests import principal
from analytics.bills.comparing import Comparison, compare
from analytics.bills.representation import comparison_json, table
from foundation.downloads.naming import content_disposition, file_name
from foundation.problems import FieldError, Problem, invalid
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer

SENT: Final = {
    "text/csv": OpenApiTypes.STR,
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    },
}


class AnyBody(BaseParser):
    """The body as bytes, whatever it calls itself: what it is, is looked at."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()


class BillQuery(StrictSerializer):
    """Query of POST /api/analytics/bills/compare."""

    provider = serializers.CharField(max_length=50, help_text="Its slug, as models begin with.")
    format = serializers.ChoiceField(choices=["json", "csv"], default="json", help_text="Of the answer.")


class BillAmountsJSON(serializers.Serializer[Any]):
    """USD; a bill of null: the file tells no money, and a difference is its tokens at our prices."""

    ledger = serializers.FloatField()
    bill = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField(allow_null=True, help_text="The bill's less ours.")
    explained = serializers.FloatField(allow_null=True)
    unexplained = serializers.FloatField(allow_null=True)


class BillKindJSON(serializers.Serializer[Any]):
    """One kind on both sides; null where a side does not tell it."""

    kind = serializers.CharField(
        help_text="input, cache_read, cache_write, output, reasoning (a part of output), requests, attempt, other."
    )
    ledger_tokens = serializers.IntegerField(allow_null=True)
    bill_tokens = serializers.IntegerField(allow_null=True)
    difference_cost = serializers.FloatField(allow_null=True)


class BillReasonJSON(serializers.Serializer[Any]):
    """What stands, or may stand, behind a difference."""

    code = serializers.CharField(
        help_text="only_in_bill, only_here, unknown_model, no_price, failed_calls, day_edge, rounding, prices."
    )
    sentence = serializers.CharField()
    cost = serializers.FloatField(allow_null=True)


class BillRowJSON(BillAmountsJSON):
    """One model and day (UTC)."""

    model = serializers.CharField(help_text="As the provider calls it.")
    day = serializers.DateField()
    agrees = serializers.BooleanField()
    lines = BillKindJSON(many=True)
    reasons = BillReasonJSON(many=True)


class BillModelJSON(serializers.Serializer[Any]):
    """One of our models under the provider's name for it."""

    bill = serializers.CharField()
    model_id = serializers.CharField()
    by = serializers.CharField(help_text="name, answered_model or snapshot.")


class BillComparisonJSON(serializers.Serializer[Any]):
    """The whole comparison."""

    provider = serializers.CharField()
    format = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    lines = serializers.IntegerField()
    finding = serializers.CharField()
    total = BillAmountsJSON()
    models = BillModelJSON(many=True)
    results = BillRowJSON(many=True)


class CompareBillView(APIView):
    """`POST /api/analytics/bills/compare`."""

    parser_classes = [MultiPartParser, AnyBody]

    @extend_schema(
        operation_id="bills_compare",
        parameters=[BillQuery],
        request=SENT,
        responses={200: BillComparisonJSON, **problems(400, 403, 413)},
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Lays a provider's usage or cost export (CSV) beside what was run here. For administrators.

        Nothing of the file is kept. Days are UTC.
        """
        check_admin(principal(request))
        asked = query_of(request, BillQuery)
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Problem(415, "unsupported_encoding", "A body is taken as it is, not compressed.")
        compared = compare(provider=asked["provider"], file=_file(request))
        return as_csv(compared) if asked["format"] == "csv" else Response(comparison_json(compared))


def check_admin(user: User) -> None:
    """403 for whoever is no administrator: a bill is of everybody."""
    if not user.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "Bills are compared by administrators.")


def as_csv(compared: Comparison) -> HttpResponse:
    """The comparison as a file."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(table(compared))
    name = file_name(f"bill {compared.provider}", suffix="csv", day=compared.bill.last)
    return HttpResponse(
        buffer.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition(name)},
    )


def _file(request: Request) -> IO[bytes]:
    data: Any = request.data
    if isinstance(data, bytes):
        return BytesIO(data)
    listed = request.FILES.getlist("file") if request.content_type.startswith("multipart/") else []
    if len(listed) > 1:
        raise invalid([FieldError("file", "max_length", "One file is expected.")])
    return listed[0] if listed else BytesIO()
