"""The sockets, by path."""

from django.urls import path

from playground.consumers import ExecutionConsumer

websocket_urlpatterns = [path("ws/executions/<uuid:execution_id>", ExecutionConsumer.as_asgi())]
