"""Programmes: what is in force, drafts with a live example, review, versions, rehearsals, tiers."""
