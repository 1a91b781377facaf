"""The sockets, by path."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from evaluation_app.socket import TestConsumer
from history.socket import SessionConsumer
from monitoring.live.socket import MonitoringConsumer
from playground.api.socket import ExecutionConsumer

websocket_urlpatterns = [
    path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi()),
    path("ws/evaluation/<uuid:test_id>", TestConsumer.as_asgi()),
    path("ws/sessions/<uuid:session_id>", SessionConsumer.as_asgi()),
    path("ws/monitoring", MonitoringConsumer.as_asgi()),
]


async def not_there(scope: Any, receive: Any, send: Any) -> None:
    """No such socket: the handshake gets 404; where the server cannot say that, the socket is closed with 4404."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4404})


_socket: Any = not_there
everywhere = [*websocket_urlpatterns, re_path("", _socket)]
"""Also where there is none."""
