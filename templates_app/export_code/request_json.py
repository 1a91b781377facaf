"""The body of this service's own POST /api/prompts/execute."""

from __future__ import annotations

import json

from templates_app.export_code.handover import Handover


def render(handover: Handover) -> str:
    """One JSON object; it follows the label when there is one."""
    return json.dumps(handover.as_execution(), ensure_ascii=False, indent=2) + "\n"
