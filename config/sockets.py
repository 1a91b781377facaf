"""The sockets, by path."""

from django.urls import path

from playground.consumers import ExecutionConsumer
from sessions_app.consumers import SessionConsumer

websocket_urlpatterns = [
    path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi()),
    path("ws/sessions/<uuid:session_id>", SessionConsumer.as_asgi()),
]
