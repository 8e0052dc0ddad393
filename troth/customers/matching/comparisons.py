"""What is compared between two people, level by level, and what each level is called.

Splink weighs each level by how often it holds for the same person (m) against strangers (u). The figures here
are only where training starts, and what holds where a company has too few people to learn from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison: its code, its condition in DuckDB SQL, its starting m and u.

    is_fixed: m is an assumption that training must not change. frequency_column: agreement on a rare value of
    it weighs more than on a common one.
    """

    code: str
    sql: str
    m: float
    u: float
    is_fixed: bool = False
    frequency_column: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing compared, with its levels from the strongest to none."""

    name: str
    null_sql: str
    levels: Sequence[Level]

    @property
    def has_frequencies(self) -> bool:
        return any(level.frequency_column for level in self.levels)

    def settings(self) -> dict[str, Any]:
        """Return the comparison in Splink's settings format."""
        null = {"sql_condition": self.null_sql, "label_for_charts": "unknown", "is_null_level": True}
        return {
            "output_column_name": self.name,
            "comparison_levels": [null, *(_level_settings(level) for level in self.levels)],
        }

    def code_of(self, gamma: int) -> str:
        """Return the code of Splink's level number (−1 unknown, 0 the last, counting upwards)."""
        return "unknown" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].code


def _level_settings(level: Level) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.code,
        "m_probability": level.m,
        "u_probability": level.u,
        "fix_m_probability": level.is_fixed,
    }
    if level.frequency_column:
        settings |= {
            "tf_adjustment_column": level.frequency_column,
            "tf_minimum_u_value": 1e-6,
            "disable_tf_exact_match_detection": True,
        }
    return settings


# A similarity that costs little comes first everywhere: it spares nearly all pairs the costly edit distance.
_BOTH_HAN = "(name_is_han_l and name_is_han_r)"
_NO_HAN = "not name_is_han_l and not name_is_han_r"  # in pinyin two letters are another name: xiaoming, xiaohong
_NAME_NEAR = "jaro_winkler_similarity(name_latin_l, name_latin_r) >= 0.85"
_EDITS = "damerau_levenshtein(name_latin_l, name_latin_r)"
_SHORTER = "least(length(name_latin_l), length(name_latin_r))"
_PART_MISSING = (
    "least(len(name_parts_l), len(name_parts_r)) >= 2"
    " and (list_has_all(name_parts_l, name_parts_r) or list_has_all(name_parts_r, name_parts_l))"
)
_INITIAL = (
    "name_family_l = name_family_r and least(length(name_given_l), length(name_given_r)) = 1"
    " and substr(name_given_l, 1, 1) = substr(name_given_r, 1, 1)"
)

NAME = Comparison(
    "name",
    "name_letters_l is null or name_letters_r is null",
    [
        Level("same", "name_full_l = name_full_r", 0.6, 1e-4, frequency_column="name_full"),
        Level(
            "other_form",  # another script, another order, a nickname
            f"name_letters_l = name_letters_r and not {_BOTH_HAN}",
            0.15,
            5e-5,
            frequency_column="name_letters",
        ),
        Level("sounds_same", "name_letters_l = name_letters_r", 0.05, 1e-4),
        Level(
            "typing_error",
            f"{_NAME_NEAR} and (({_SHORTER} >= 6 and {_EDITS} <= 1)"
            f" or ({_SHORTER} >= 10 and {_NO_HAN} and {_EDITS} <= 2))",
            0.08,
            3e-4,
        ),
        Level("part_missing", f"({_PART_MISSING}) or ({_INITIAL})", 0.05, 1e-4),
        Level("given_same", "name_given_l = name_given_r and length(name_given_l) >= 2", 0.03, 2e-3),
        # The same family name with a clearly other given name is a relative. Left to training it would look
        # like chance, and every household would be offered as one person.
        Level("family_same", "name_parts_l[1] = name_parts_r[1]", 2e-5, 0.03, is_fixed=True),
        Level("different", "ELSE", 0.02, 0.97),
    ],
)

_YEARS_APART = "abs(cast(birth_year_l as integer) - cast(birth_year_r as integer))"

BIRTHDAY = Comparison(
    "birthday",
    "birth_date_l is null or birth_date_r is null",
    [
        Level("same", "birth_date_l = birth_date_r", 0.85, 1e-4),
        Level(
            "day_month_swapped",
            "birth_year_l = birth_year_r and substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2)"
            " and substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2)",
            0.04,
            3e-5,
        ),
        Level(
            "typing_error",
            "hamming(birth_date_l, birth_date_r) <= 2 and damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
            0.06,
            1e-3,
        ),
        # Same name, same home, a generation between them: father and son, not a slip of the pen.
        Level("generation_apart", f"{_YEARS_APART} between 16 and 50", 2e-3, 0.5, is_fixed=True),
        Level("different", "ELSE", 0.05, 0.5),
    ],
)

PHONE_SAME = "list_has_any(phones_l, phones_r)"
PHONE_NEAR = (
    "length(phone_first_l) = length(phone_first_r) and hamming(phone_first_l, phone_first_r) <= 2"
    " and damerau_levenshtein(phone_first_l, phone_first_r) <= 1"
)
ADDRESS_SAME = (
    "address_numbers_l = address_numbers_r and jaro_winkler_similarity(address_words_l, address_words_r) >= 0.86"
)
_ADDRESS_NEAR = "jaro_winkler_similarity(address_words_l, address_words_r) >= 0.9"

# Phone and address are weighed together: people of one household share both, so that the second says little
# that the first has not said. Weighed apart, every couple would look like one person.
HOME = Comparison(
    "home",
    "(phones_l is null or phones_r is null) and (address_words_l is null or address_words_r is null)",
    [
        Level("phone_and_address_same", f"{PHONE_SAME} and {ADDRESS_SAME}", 0.2, 1e-4),
        Level("phone_same", PHONE_SAME, 0.3, 5e-5),
        Level("address_same_phone_near", f"{ADDRESS_SAME} and {PHONE_NEAR}", 0.05, 1e-6),
        Level("address_same", ADDRESS_SAME, 0.15, 2e-4),
        Level("phone_near", PHONE_NEAR, 0.05, 1e-5),
        Level("address_near", _ADDRESS_NEAR, 0.05, 5e-4),
        Level("different", "ELSE", 0.2, 0.99),
    ],
)

EMAIL = Comparison(
    "email",
    "emails_l is null or emails_r is null",
    [
        Level("same", "list_has_any(emails_l, emails_r)", 0.5, 1e-5),
        Level(
            "other_provider",
            "list_has_any(email_locals_l, email_locals_r)",
            0.1,
            5e-5,
        ),
        Level(
            "typing_error",
            "jaro_winkler_similarity(email_first_l, email_first_r) >= 0.9"
            " and damerau_levenshtein(email_first_l, email_first_r) <= 2",
            0.1,
            1e-5,
        ),
        Level("different", "ELSE", 0.3, 0.999),
    ],
)

COMPARISONS = (NAME, BIRTHDAY, HOME, EMAIL)
