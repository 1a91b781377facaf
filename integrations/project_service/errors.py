"""What asking for projects may raise, by the Project Service's names of it."""

from integrations.client.errors import NotThere as ProjectNotThere
from integrations.client.errors import ServiceFailed as ProjectServiceFailed

__all__ = ["ProjectNotThere", "ProjectServiceFailed"]
