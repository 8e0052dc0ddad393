"""Surveys: questions in versions, invitations, answers, and what customers said last."""
