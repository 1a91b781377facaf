"""What the monitoring keeps: errors of the service's own, and how the installation stood, minute by minute."""

from monitoring.models.errors import ErrorGroup, ErrorGroups, ErrorHour, State
from monitoring.models.samples import Sample

__all__ = ["ErrorGroup", "ErrorGroups", "ErrorHour", "Sample", "State"]
