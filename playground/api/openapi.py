"""The execution doors as the OpenAPI document describes them.

They are plain async views (playground.api.executions), which drf-spectacular does not see; these classes
stand in for them in the document only and are never routed.
"""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from foundation.problems import CONTENT_TYPE
from playground.bodies.comparison import ComparisonJSON, ComparisonSerializer, ReplaySerializer, VoteSerializer
from playground.bodies.execution import ExecuteSerializer, PromptExecutionSerializer

ASKED: Final = OpenApiExample(
    "A prompt",
    value={
        "model_id": "local/smollm2-135m",
        "system_prompt": "Answer in one sentence.",
        "prompt": "What is a prompt template?",
        "parameters": {"temperature": 0.7, "max_tokens": 128},
    },
    request_only=True,
)
STREAMED: Final = OpenApiExample(
    "Events",
    value=(
        'id: 1\nevent: started\ndata: {"execution_id": "…", "session_id": "…", "model_id": "local/smollm2-135m", '
        '"timestamp": "2026-01-01T00:00:00Z"}\n\n'
        'id: 2\nevent: token\ndata: {"text": "A template"}\n\n'
        'id: 3\nevent: usage\ndata: {"prompt_tokens": 31, "completion_tokens": 2, "total_tokens": 33, '
        '"estimated_cost": 0.0}\n\n'
        'id: 4\nevent: completed\ndata: {"id": "…", "status": "completed", "response": "A template"}\n\n'
    ),
    media_type="text/event-stream",
    response_only=True,
)
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Two calls with one key within 24 hours are one run; another body with it is a 422.",
)


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """application/problem+json (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    instance = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]
    execution_id = serializers.UUIDField(required=False)


def _problems(*statuses: int) -> dict[Any, Any]:
    return {(status, CONTENT_TYPE): ProblemSerializer for status in statuses}


EVENTS: Final = OpenApiResponse(
    OpenApiTypes.STR,
    description="Server-sent events: started, token, reasoning, tool_call, tool_result, retry, fallback, usage, then "
    "completed, failed or cancelled with the whole PromptExecution. `id` counts from 1 without a gap.",
    examples=[STREAMED],
)


class Execute(APIView):
    """POST /api/prompts/execute."""

    @extend_schema(
        operation_id="prompts_execute",
        summary="Run a prompt and wait for its answer",
        request=ExecuteSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[ASKED],
        responses={200: PromptExecutionSerializer, **_problems(400, 401, 404, 413, 422, 502, 503, 504)},
    )
    def post(self) -> None:
        """A caller that leaves does not stop the run."""


class Stream(APIView):
    """POST /api/prompts/execute/stream."""

    @extend_schema(
        operation_id="prompts_execute_stream",
        summary="Run a prompt and follow its events",
        request=ExecuteSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[ASKED],
        responses={(200, "text/event-stream"): EVENTS, **_problems(400, 401, 404, 413, 422, 503)},
    )
    def post(self) -> None:
        """A reader that loses the connection goes on at GET /api/executions/{id}/stream."""


class Execution(APIView):
    """GET /api/executions/{id}."""

    @extend_schema(
        operation_id="executions_retrieve", responses={200: PromptExecutionSerializer, **_problems(401, 404)}
    )
    def get(self) -> None:
        """One execution of yours."""


class ExecutionStream(APIView):
    """GET /api/executions/{id}/stream."""

    @extend_schema(
        operation_id="executions_stream",
        parameters=[
            OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER, description="Events above it follow."),
            OpenApiParameter("after", int, description="The same, where a header cannot be set."),
        ],
        responses={(200, "text/event-stream"): EVENTS, **_problems(400, 401, 404)},
    )
    def get(self) -> None:
        """Every event once, in order, from any process; for an hour after the end, then the stored text."""


class Cancel(APIView):
    """POST /api/executions/{id}/cancel."""

    @extend_schema(
        operation_id="executions_cancel",
        request=None,
        responses={
            202: OpenApiResponse(PromptExecutionSerializer, description="It is being stopped."),
            200: OpenApiResponse(PromptExecutionSerializer, description="It had ended."),
            **_problems(401, 404),
        },
    )
    def post(self) -> None:
        """Stops a run and closes the provider's connection; what came is kept."""


class Replay(APIView):
    """POST /api/executions/{id}/replay."""

    @extend_schema(
        operation_id="executions_replay",
        request=ReplaySerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: PromptExecutionSerializer, **_problems(400, 401, 404, 422, 502, 503, 504)},
    )
    def post(self) -> None:
        """The execution once more, with something changed or nothing; `metadata.replay_of` names the old one."""


class Compare(APIView):
    """POST /api/comparisons."""

    @extend_schema(
        operation_id="comparisons_create",
        request=ComparisonSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: ComparisonJSON, **_problems(400, 401, 404, 422, 503)},
    )
    def post(self) -> None:
        """One prompt to two to six models or parameter sets; all are checked before any begins."""


class ComparisonDoor(APIView):
    """GET /api/comparisons/{id}."""

    @extend_schema(operation_id="comparisons_retrieve", responses={200: ComparisonJSON, **_problems(401, 404)})
    def get(self) -> None:
        """A comparison with its executions and votes."""


class Vote(APIView):
    """POST /api/comparisons/{id}/vote."""

    @extend_schema(
        operation_id="comparisons_vote",
        request=VoteSerializer,
        responses={200: ComparisonJSON, **_problems(400, 401, 404)},
    )
    def post(self) -> None:
        """Your vote for the best; another one takes its place."""


documented = [
    path("api/prompts/execute", Execute.as_view()),
    path("api/prompts/execute/stream", Stream.as_view()),
    path("api/executions/<uuid:execution_id>", Execution.as_view()),
    path("api/executions/<uuid:execution_id>/stream", ExecutionStream.as_view()),
    path("api/executions/<uuid:execution_id>/cancel", Cancel.as_view()),
    path("api/executions/<uuid:execution_id>/replay", Replay.as_view()),
    path("api/comparisons", Compare.as_view()),
    path("api/comparisons/<uuid:comparison_id>", ComparisonDoor.as_view()),
    path("api/comparisons/<uuid:comparison_id>/vote", Vote.as_view()),
]
