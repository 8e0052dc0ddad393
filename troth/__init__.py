"""Troth (恒客): customer loyalty and value."""

__version__ = "0.1.0"
