"""The company's catalogue at the desk."""

from troth.console.points.tests.conftest import member

__all__ = ["member"]
