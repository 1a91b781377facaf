"""The addresses of other vendors' doors."""

from __future__ import annotations

from django.urls import path

from playground.gateway import models
from playground.gateway.chat import doors as chat
from playground.gateway.mcp.doors import mcp
from playground.gateway.messages import doors as messages
from playground.gateway.responses import doors as responses
from playground.gateway.traces import doors as traces

urlpatterns = [
    path("v1/chat/completions", chat.completions),
    path("v1/messages", messages.messages),
    path("v1/messages/count_tokens", messages.count_tokens),
    path("v1/responses", responses.responses),
    path("v1/responses/<str:response_id>", responses.response),
    path("mcp", mcp),
    path("v1/traces", traces.traces),
    path("v1/models", models.models),
    path("v1/models/<path:model_id>", models.one_model),
]
