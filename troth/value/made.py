"""What expressions are made of again and again: zeros, and functions of the engines that Ibis has no words for.

Ibis takes a while to load; modules that write expressions stand for this one by `later`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis

from troth.value.facts import MONEY

ZERO = ibis.literal(0, MONEY)
COUNT_ZERO = ibis.literal(0).cast("int64")


def count_bits(word: int) -> int:
    """Names the engine's own function (`bit_count` in DuckDB and Spark alike), which runs in its place."""
    raise NotImplementedError


def join_bits(word: int) -> int:
    """As `count_bits`, for `bit_or` over rows, which Ibis has no words for in Spark's dialect."""
    raise NotImplementedError


def amount_of_least(amount: Decimal, day: date) -> Decimal:
    """As `count_bits`, for `min_by`: what Ibis writes for it sorts the rows of every customer."""
    raise NotImplementedError


bit_or = ibis.udf.agg.builtin(join_bits, name="bit_or", signature=(("int64",), "int64"))
# Declared as narrow as the narrowest engine has it, so that the cast before adding is written out.
bit_count = ibis.udf.scalar.builtin(count_bits, name="bit_count", signature=(("int64",), "int8"))
min_by = ibis.udf.agg.builtin(amount_of_least, name="min_by", signature=((MONEY, "date"), MONEY))
