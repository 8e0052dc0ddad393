"""Likely duplicates among people: which two records may be one person, how likely, and why."""

from .records import PersonRecord
from .search import FieldReason, LikelyPair, MatchResult, find_likely_pairs

__all__ = ["FieldReason", "LikelyPair", "MatchResult", "PersonRecord", "find_likely_pairs"]
