from django.apps import AppConfig


class EventsConfig(AppConfig):
    """What happens here, told to others; what happens there, taken in."""

    name = "events"
