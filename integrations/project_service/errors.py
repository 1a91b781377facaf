"""What can be wrong with the Project Service; each message is for a person who picks a project."""

from __future__ import annotations


class ProjectServiceFailed(Exception):
    """The Project Service gave no projects."""


class ProjectServiceAway(ProjectServiceFailed):
    """It could not be reached, or not in time."""

    def __init__(self) -> None:
        super().__init__("The Project Service does not answer.")


class ProjectServiceBroken(ProjectServiceFailed):
    """It answered with an error of its own, or with something that cannot be read."""

    def __init__(self, status: int) -> None:
        seen = "something unreadable" if status == 200 else f"HTTP {status}"
        super().__init__(f"The Project Service answered with {seen}.")


class ProjectServiceRefused(ProjectServiceFailed):
    """It does not take the caller's credentials."""

    def __init__(self) -> None:
        super().__init__("The Project Service did not accept your credentials.")
