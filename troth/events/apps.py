"""Django's entry for the module."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Events."""

    name = "troth.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"
