"""How MCP servers are set up, changed and looked at by administrators, at an address alone (T32)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from foundation.context import acting
from foundation.problems import FieldError, Problem, invalid, not_found
from foundation.sealing.encryption import CannotDecrypt
from playground.models import McpServer
from playground.tools.mcp import settings_file
from playground.tools.mcp.listing import list_one

OF_ADDRESS: Final = ("name", "url", "headers", "allow_private_address")
"""What the settings file says of its own."""
TAKEN: Final = "A server of the settings file has this name."


def check_may(user: User) -> None:
    """A Problem (403) for whoever is no administrator: the service itself calls what stands behind the address."""
    if not user.has_role(Role.ADMIN):
        raise Problem(403, "forbidden", "Administrators set up MCP servers.")


def all_of(user: User) -> list[McpServer]:
    """Every one, by name; those of the settings file too, once they have been read."""
    check_may(user)
    return list(McpServer.objects.order_by("name"))


def one_of(user: User, server_id: UUID) -> McpServer:
    """The server; a Problem (404) where there is none."""
    check_may(user)
    found = McpServer.objects.filter(id=server_id).first()
    if found is None:
        raise not_found("The MCP server")
    return found


def make(user: User, given: Mapping[str, Any]) -> McpServer:
    """A server whose tools have been read; none is offered before somebody has looked at them."""
    check_may(user)
    return _saved(McpServer(), given)


def change(user: User, server_id: UUID, given: Mapping[str, Any]) -> McpServer:
    """Changes what is given. `offered` are fingerprints of its tools as they are told; at another address nothing is
    offered, and headers that were saved for this one are not sent there (T31)."""
    row = one_of(user, server_id)
    if row.is_of_file and (fixed := [name for name in OF_ADDRESS if name in given]):
        message = "The settings file says this of its own servers."
        raise invalid([FieldError(name, "of_settings_file", message) for name in fixed])
    return _saved(row, given)


def remove(user: User, server_id: UUID) -> None:
    """Its tools are offered no more; a Problem (409) for one of the settings file, which would come again."""
    row = one_of(user, server_id)
    if row.is_of_file and row.name in settings_file.programs():
        raise Problem(409, "of_settings_file", "The settings file names it: take it out there, or switch it off.")
    with transaction.atomic(), acting():
        row.delete()


def look(user: User, server_id: UUID) -> McpServer:
    """Reads its tools now; `fault` says why where it does not tell them."""
    row = one_of(user, server_id)
    return _listed(row)


def check_name(name: str) -> None:
    """A ValidationError where the settings file has one of this name."""
    if name in settings_file.programs():
        raise ValidationError(TAKEN, code="taken")


def _saved(row: McpServer, given: Mapping[str, Any]) -> McpServer:
    is_new, address = row._state.adding, row.url
    for name, value in given.items():
        if name == "headers":
            row.set_headers(value)
        elif name != "offered":
            setattr(row, name, value)
    is_moved = is_new or row.url != address
    if "offered" in given:
        row.confirm([] if is_moved else _shown_of(row, given["offered"]))
    try:
        if "name" in given:
            check_name(row.name)
        row.full_clean(exclude=["secrets", "listing"])
        with transaction.atomic(), acting():
            row.save(force_insert=is_new)
    except ValidationError as error:
        raise invalid(_errors_of(error)) from None
    except IntegrityError:  # somebody else gave another one this name at the same moment
        raise invalid([FieldError("name", "unique", "Another MCP server has this name.")]) from None
    return _listed(row) if is_moved else row


def _shown_of(row: McpServer, fingerprints: Collection[str]) -> Collection[str]:
    try:
        known = {told["fingerprint"] for told in row.listing}
    except CannotDecrypt:
        known = set()
    message = "The server has no tool that is described so: read its tools as they are now."
    if errors := [
        FieldError(f"offered.{at}", "unknown", message) for at, each in enumerate(fingerprints) if each not in known
    ]:
        raise invalid(errors)
    return fingerprints


def _errors_of(error: ValidationError) -> list[FieldError]:
    named = error.error_dict if hasattr(error, "error_dict") else {"name": error.error_list}
    return [
        FieldError(name, str(each.code or "invalid"), " ".join(each.messages))
        for name, faults in named.items()
        for each in faults
    ]


def _listed(row: McpServer) -> McpServer:
    async_to_sync(list_one)(row)
    row.refresh_from_db()
    return row
