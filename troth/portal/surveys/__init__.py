"""Surveys as customers see them: one page of questions at a time, no script needed."""
