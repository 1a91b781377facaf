"""Calls of tools that wait for a person's leave, told to programs that cannot give it: a refusal in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from playground.tools.calling import AWAITING_APPROVAL


def refusal_of(execution_id: Any, answer: Mapping[str, Any]) -> str | None:
    """Which tools wait, and where a person allows them; None where none does.

    `answer` has `tool_executions`, as an execution's row or its JSON has.
    """
    waiting = [call["tool_name"] for call in answer.get("tool_executions") or () if call["status"] == AWAITING_APPROVAL]
    if not waiting:
        return None
    names = ", ".join(dict.fromkeys(waiting))
    one = len(set(waiting)) == 1
    which = (
        f"The tool {names} waits for a person's leave, and was not run."
        if one
        else (f"The tools {names} wait for a person's leave, and were not run.")
    )
    page = settings.ENV.public_url.rstrip("/") + reverse("execution", args=[execution_id])
    return (
        f"{which} Allow or refuse {'it' if one else 'them'} at {page}, or by POST "
        f"/api/executions/{execution_id}/resume: the run {execution_id} then goes on."
    )
