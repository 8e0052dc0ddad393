"""Likely duplicates: which two records may be one person, or one company, how likely, and why."""

from .companies import CompanyRecord, find_likely_companies
from .records import PersonRecord
from .search import FieldReason, LikelyPair, MatchResult, find_likely_pairs

__all__ = [
    "CompanyRecord",
    "FieldReason",
    "LikelyPair",
    "MatchResult",
    "PersonRecord",
    "find_likely_companies",
    "find_likely_pairs",
]
