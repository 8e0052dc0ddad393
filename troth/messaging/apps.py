"""Django's entry for the module."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Messages to customers: channels, templates, the send decision."""

    name = "troth.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
