"""What can be wrong with a service around this one; each message is for a person and names the service."""

from __future__ import annotations


class ServiceFailed(Exception):
    """The service gave nothing that can be used."""


class ServiceAway(ServiceFailed):
    """It could not be reached, or not in time."""

    def __init__(self, service: str) -> None:
        super().__init__(f"The {service} does not answer.")


class ServiceBroken(ServiceFailed):
    """It answered with an error of its own, or with something that cannot be read (status 200)."""

    def __init__(self, service: str, status: int) -> None:
        super().__init__(
            f"The {service} answered with {'something unreadable' if status == 200 else f'HTTP {status}'}."
        )
        self.status = status


class ServiceRefused(ServiceFailed):
    """It does not take the credentials that it was given."""

    def __init__(self, service: str) -> None:
        super().__init__(f"The {service} did not accept your credentials.")


class NotThere(ServiceFailed):
    """It has no such thing (404)."""

    def __init__(self, service: str) -> None:
        super().__init__(f"The {service} does not have it.")
