"""A member with 250 points, and what is needed to redeem."""

from troth.console.points.tests.conftest import member

__all__ = ["member"]
