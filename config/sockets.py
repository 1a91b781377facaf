"""The sockets, by path."""

from django.urls import path

from history.socket import SessionConsumer
from playground.api.socket import ExecutionConsumer

websocket_urlpatterns = [
    path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi()),
    path("ws/sessions/<uuid:session_id>", SessionConsumer.as_asgi()),
]
