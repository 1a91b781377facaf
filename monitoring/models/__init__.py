"""What the monitoring keeps: errors of the service's own, how the installation stood minute by minute, and alerts."""

from monitoring.models.alerts import Alert, AlertRule, AlertState, Comparison, Firing, Severity
from monitoring.models.errors import ErrorGroup, ErrorGroups, ErrorHour, State
from monitoring.models.samples import Sample

__all__ = [
    "Alert",
    "AlertRule",
    "AlertState",
    "Comparison",
    "ErrorGroup",
    "ErrorGroups",
    "ErrorHour",
    "Firing",
    "Sample",
    "Severity",
    "State",
]
