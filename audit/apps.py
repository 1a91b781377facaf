from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AuditConfig(AppConfig):
    """Who did what to which thing: kept, chained, and shown to be whole."""

    name = "audit"

    def ready(self) -> None:
        """Has every connection tell the database who writes."""
        from audit.origin import tell_on

        connection_created.connect(tell_on, dispatch_uid="audit.origin")
