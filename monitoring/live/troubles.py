"""What is wrong now, in sentences: the gravest first."""

from __future__ import annotations

from typing import Final

from foundation.presentation.words import percent
from foundation.words import counted, seconds
from monitoring.live.looking import Look

QUEUE_STANDS: Final = 60.0
OUTBOX_STANDS: Final = 300.0
PULSE_STANDS: Final = 60.0
LEAST_FREE: Final = 0.1
FAILED: Final = 0.01
NOT_TOLD: Final = {
    "workers_alive": "which processes live",
    "queue_waiting": "how the queue stands",
    "breaker_open": "how providers stand",
    "outbox_parked": "how the outbox stands",
    "disk_free": "how much room the disk has",
}
"""By a figure of each part that may fail."""


def troubles_of(look: Look) -> list[str]:
    """Empty where all is well."""
    found: list[str] = []
    if look.value("workers_alive") == 0:
        found.append("No worker is alive: nothing in the background is done.")
    free, size = look.value("disk_free"), look.value("disk_size")
    if free is not None and size and free / size < LEAST_FREE:
        found.append(f"Only {percent(free, size)} of the disk is free.")
    requests, failed = look.gained("requests"), look.gained("requests_failed")
    if requests and failed and failed / requests > FAILED:
        found.append(f"{percent(failed, requests)} of requests fail ({int(failed)} of {int(requests)}).")
    if (oldest := look.value("queue_oldest")) and oldest > QUEUE_STANDS:
        found.append(f"The oldest message waits for a worker for {seconds(oldest)}.")
    found += [f"The breaker of {provider} is open." for provider in sorted(look.by("breaker_open"))]
    found += [
        f"{counted(int(number), 'model')} of {provider} {'rests' if number == 1 else 'rest'}."
        for provider, number in sorted(look.by("models_resting").items())
    ]
    for destination, age in sorted(look.by("outbox_oldest").items()):
        if age > OUTBOX_STANDS:
            found.append(f"{destination} has not been told of events for {seconds(age)}.")
    if parked := look.value("outbox_parked"):
        found.append(f"{counted(int(parked), 'delivery was', 'deliveries were')} given up.")
    if waiting := look.value("pool_waiting"):
        found.append(f"{counted(int(waiting), 'thread waits', 'threads wait')} for a database connection.")
    if look.pulse_age is not None and look.pulse_age > PULSE_STANDS:
        found.append(f"A process has not done one of its duties for {seconds(look.pulse_age)}.")
    found += [f"It could not be told {what}." for name, what in NOT_TOLD.items() if name not in look.figures]
    return found
