"""What may be sent to the doors of MCP servers: the rules, and the API's description of them."""

from __future__ import annotations

import re
from typing import Any, Final

from rest_framework import serializers

from foundation.context import acting
from foundation.http.header_values import can_be_sent
from foundation.rest.serializers import StrictSerializer
from foundation.sealing.encryption import CannotDecrypt
from playground.models import McpServer
from playground.tools.mcp.listing import MOST_TOOLS
from playground.tools.mcp.remote import offered_name, why_not_offered

MOST_HEADERS: Final = 20
NAME: Final = re.compile(r"[A-Za-z0-9-]{1,100}")


class HeadersField(serializers.DictField):
    """Secret headers: taken, and never told."""

    child = serializers.CharField(max_length=4_000, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        headers: dict[str, str] = super().to_internal_value(data)
        if len(headers) > MOST_HEADERS:
            raise serializers.ValidationError(f"Up to {MOST_HEADERS} headers.", code="too_many")
        for name, value in headers.items():
            if not NAME.fullmatch(name) or not can_be_sent(value):
                raise serializers.ValidationError(
                    {name: ["A name of letters, digits and -, and a value of printable ASCII are expected."]},
                    code="no_header",
                )
        return headers


class SettingsBody(StrictSerializer):
    """How a server is called, and its tools offered."""

    headers = HeadersField(
        required=False, write_only=True, help_text="Secret: sent to this address alone, and told to nobody."
    )
    seconds = serializers.IntegerField(
        min_value=1, max_value=120, required=False, help_text="Seconds that a call may take."
    )
    needs_approval = serializers.BooleanField(required=False, help_text="A person has to allow every call.")
    trusts_annotations = serializers.BooleanField(
        required=False, help_text="Tools that the server calls read-only are run without asking."
    )
    is_enabled = serializers.BooleanField(required=False)
    allow_private_address = serializers.BooleanField(
        required=False, help_text="The address may lie in this host's own or private networks."
    )


class McpServerBody(SettingsBody):
    """A server to be."""

    name = serializers.CharField(max_length=24, help_text="Its tools are called name__tool.")
    url = serializers.CharField(max_length=500, help_text="https://…, streamable HTTP.")


class McpServerChangeBody(SettingsBody):
    """What of a server changes."""

    name = serializers.CharField(max_length=24, required=False)
    url = serializers.CharField(max_length=500, required=False)
    offered = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=MOST_TOOLS,
        help_text="Fingerprints of the tools that models may call, as they are described now; all others are not.",
    )


class McpToolJSON(serializers.Serializer[Any]):
    """A tool as its server describes it now."""

    name = serializers.CharField(help_text="As models and `tools` call it.")
    description = serializers.CharField()
    parameters = serializers.DictField(help_text="JSON Schema of the arguments.")
    is_read_only = serializers.BooleanField(help_text="So says the server.")
    fingerprint = serializers.CharField(help_text="Of all that a model reads of it.")
    is_offered = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it cannot be offered; empty where it can.")


class McpServerJSON(serializers.Serializer[Any]):
    """A server, and what it has."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField(help_text="Empty for a program of MCP_SERVERS_FILE.")
    header_names = serializers.CharField(help_text="Of the saved headers.")
    seconds = serializers.IntegerField()
    needs_approval = serializers.BooleanField()
    trusts_annotations = serializers.BooleanField()
    is_enabled = serializers.BooleanField()
    allow_private_address = serializers.BooleanField()
    fault = serializers.CharField(help_text="Why its tools could not be read the last time; empty where they could.")
    listed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    tools = McpToolJSON(many=True, allow_null=True, help_text="null where what it said cannot be opened any more.")


class McpServersJSON(serializers.Serializer[Any]):
    """All of them, by name."""

    results = McpServerJSON(many=True)


def server_json(server: McpServer) -> dict[str, Any]:
    """The server; never its headers."""
    names = (
        "id", "name", "url", "header_names", "seconds", "needs_approval", "trusts_annotations", "is_enabled",
        "allow_private_address", "fault", "listed_at", "created_at",
    )  # fmt: skip
    return {**{name: getattr(server, name) for name in names}, "tools": _tools_of(server)}


def _tools_of(server: McpServer) -> list[dict[str, Any]] | None:
    try:
        with acting():  # whoever only looks would be told of no tools at all
            listing = server.listing
    except CannotDecrypt:
        return None
    return [
        {
            "name": offered_name(server.name, told["name"]),
            **{name: told[name] for name in ("description", "parameters", "is_read_only", "fingerprint")},
            "is_offered": told["fingerprint"] in server.offered,
            "reason": why_not_offered(told) or "",
        }
        for told in listing
    ]
