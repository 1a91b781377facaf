"""A shell script that runs the template on this service, since a shell can neither fill in nor escape a text."""

from __future__ import annotations

import json
import shlex

from templates_app.export_code.handover import Handover
from templates_app.export_code.naming import headline, one_line


def render(handover: Handover) -> str:
    """One curl command; the token comes from PLAYGROUND_TOKEN."""
    follows = f"the label {handover.label}, wherever it points" if handover.label else f"version {handover.version}"
    notes = [
        *headline(handover),
        one_line(f"The service itself fills in the variables and asks the model. This runs {follows}."),
        "Needs: curl 7.76; an API token in PLAYGROUND_TOKEN.",
    ]
    body = json.dumps(handover.as_execution(), ensure_ascii=False, indent=2)
    command = " \\\n  ".join(
        [
            "curl --silent --show-error --fail-with-body --request POST",
            shlex.quote(f"{handover.service_url.rstrip('/')}/api/prompts/execute"),
            '--header "Authorization: Bearer ${PLAYGROUND_TOKEN:?}"',
            "--header 'Content-Type: application/json'",
            f"--data-raw {shlex.quote(body)}",
        ]
    )
    return "#!/bin/sh\n" + "".join(f"# {note}\n" for note in notes) + command + "\n"
