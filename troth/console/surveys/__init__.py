"""Surveys: written, sent, answered, counted."""
