"""Loyalty and value: the reports, the people behind their numbers, and how is measured."""
