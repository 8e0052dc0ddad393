"""Texts: templates and their versions, channels, and how messages arrive."""
