from django.apps import AppConfig


class EventsConfig(AppConfig):
    """What happens here, told to others; what happens there, taken in."""

    name = "events"

    def ready(self) -> None:
        """Tells how the outbox stands."""
        from events.outbox import undelivered

        undelivered.declare()
