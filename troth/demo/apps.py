"""Django's entry for the module."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo company; without the demo it declares its events and its job, and does nothing."""

    name = "troth.demo"
    label = "demo"
