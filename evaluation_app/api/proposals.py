"""Cases that a model proposes, over REST: asked for, looked at, taken one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from evaluation_app.creation.bodies import MODEL_ID
from evaluation_app.datasets import proposing
from evaluation_app.datasets.proposals import MOST
from evaluation_app.datasets.reading import visible
from evaluation_app.models import Split
from evaluation_app.models.proposal import AskStatus, CaseKind, CaseProposal, ProposalAsk, ProposalState
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from playground.bodies.confirmation import ConfirmCostField


class AskBody(StrictSerializer):
    """What is wanted of a model."""

    model_id = serializers.RegexField(
        MODEL_ID, max_length=255, required=False, help_text="Else that of the dataset's template."
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=CaseKind.choices), min_length=1, max_length=len(CaseKind), required=True
    )
    count = serializers.IntegerField(min_value=1, max_value=MOST)
    project_id = serializers.CharField(
        max_length=255, required=False, help_text="Whose quotas and rules of masking the question has."
    )
    max_cost = serializers.FloatField(
        min_value=0, max_value=1_000_000, required=False, help_text="USD; never exceeded, and refused without a price."
    )
    confirm_cost = ConfirmCostField()


class AcceptBody(StrictSerializer):
    """What the case is for."""

    split = serializers.ChoiceField(choices=Split.choices, required=False)


class ProposalJSON(serializers.Serializer[Any]):
    """A case as a model proposes it."""

    id = serializers.UUIDField()
    kind = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ProposalState.choices)
    case = serializers.DictField(help_text="input, expected_output?, name?; of an unfit one what came, as answer.")
    reason = serializers.CharField(allow_blank=True, help_text="Why it is worth having; of an unfit one, why not.")
    key = serializers.CharField(allow_null=True, help_text="Of the case that it became.")


class AskJSON(serializers.Serializer[Any]):
    """A question to a model, and what came of it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=AskStatus.choices)
    model_id = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()
    max_cost = serializers.FloatField(allow_null=True)
    cost = serializers.FloatField(help_text="US dollars.")
    error = serializers.CharField(allow_null=True)
    execution_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    proposals = ProposalJSON(many=True)


class ProposalsView(APIView):
    """`/api/datasets/{id}/proposals`."""

    @extend_schema(operation_id="datasets_proposals", parameters=[PageQuery], responses=page_of(AskJSON))
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """What models were asked for, the last question first, with their proposals."""
        dataset, pages = visible(principal(request), dataset_id), Pages()
        query_of(request, PageQuery)
        asks = ProposalAsk.objects.filter(dataset=dataset).order_by("-created_at", "-id").prefetch_related("proposals")
        rows: Any = pages.paginate_queryset(asks, request, view=self)
        return pages.get_paginated_response([ask_json(ask) for ask in rows or ()])

    @extend_schema(
        operation_id="datasets_proposals_ask", request=AskBody, responses={202: AskJSON, **problems(402, 409)}
    )
    @idempotent
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Asks a model for cases; they stay apart until they are accepted one by one, marked as generated for ever."""
        asked = {"model_id": "", "max_cost": None, **body_of(request, AskBody)}
        made = proposing.ask_for(user=principal(request), dataset_id=dataset_id, **asked)
        return Response(ask_json(made), status=202)


class AcceptView(APIView):
    """`/api/datasets/{id}/proposals/{proposal}/accept`."""

    @extend_schema(
        operation_id="datasets_proposal_accept", request=AcceptBody, responses={200: ProposalJSON, **problems(409)}
    )
    def post(self, request: Request, dataset_id: UUID, proposal_id: UUID) -> Response:
        """Makes it a case: a new version."""
        asked, user = body_of(request, AcceptBody), principal(request)
        taken = proposing.accept(user=user, dataset_id=dataset_id, proposal_id=proposal_id, **asked)
        return Response(proposal_json(taken))


class DeclineView(APIView):
    """`/api/datasets/{id}/proposals/{proposal}/decline`."""

    @extend_schema(
        operation_id="datasets_proposal_decline", request=None, responses={200: ProposalJSON, **problems(409)}
    )
    def post(self, request: Request, dataset_id: UUID, proposal_id: UUID) -> Response:
        """Puts it away."""
        return Response(
            proposal_json(proposing.decline(user=principal(request), dataset_id=dataset_id, proposal_id=proposal_id))
        )


def ask_json(ask: ProposalAsk) -> dict[str, Any]:
    """A question with its proposals."""
    proposals = sorted(ask.proposals.all(), key=lambda proposal: proposal.position)
    return {
        "id": ask.id,
        "status": ask.status,
        "model_id": ask.model_id,
        "kinds": ask.kinds,
        "count": ask.count,
        "max_cost": None if ask.max_cost is None else float(ask.max_cost),
        "cost": float(ask.cost),
        "error": ask.error or None,
        "execution_id": ask.execution_id,
        "created_at": ask.created_at,
        "ended_at": ask.ended_at,
        "proposals": [proposal_json(proposal) for proposal in proposals],
    }


def proposal_json(proposal: CaseProposal) -> dict[str, Any]:
    """A proposal."""
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "state": proposal.state,
        "case": proposal.body,
        "reason": proposal.reason,
        "key": proposal.key or None,
    }
