"""What holds for every cell, and for texts and identifiers."""

from __future__ import annotations

from troth.customers.visible import BLANK, INVISIBLE
from troth.imports.limits import Limits
from troth.imports.values.column import Column, matches
from troth.value.later import pl

# One look at a column tells whether any of the rare rules below can apply at all.
_UNUSUAL = r"[\x00-\x1f\x7f\x{fffd}\x{feff}\x{200b}]|^[\s\x{3000}]|[\s\x{3000}]$|^['=#\\]|^$"
_SPACES = "  \t\r\n\x0b\x0c\u00a0\u3000\ufeff\u200b"
_CONTROL = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"
_EXCEL_ERROR = r"^#(?:REF|N/A|VALUE|DIV/0|NAME|NUM|NULL|SPILL|CALC)[!?]?$"
_NULL_WORDS = r"^(?:NULL|null|Null|N/A|n/a|#N/A|NaN|nan|None|NA|-|--|—|无|暂无|未填写|未知)$"
_SHORTENED = r"^[+-]?\d(?:\.\d+)?[eE]\+\d{1,3}$"
_FULL_WIDTH = "０１２３４５６７８９．，－＋（）：／＠％"
_HALF_WIDTH = "0123456789.,-+():/@%"


def clean(cells: pl.Series, limits: Limits) -> Column:
    """Return a column with the rules applied that hold for every cell."""
    column = Column.of(cells)
    column.refuse(column.text.str.len_bytes() > limits.cell_chars * 4, "cell_too_long")
    column.refuse(column.text.str.len_chars() > limits.cell_chars, "cell_too_long")
    unusual = matches(column.text, _UNUSUAL)
    if unusual.any():
        _clean_unusual(column)
    return column


def _clean_unusual(column: Column) -> None:
    column.refuse(matches(column.text, r"\x{fffd}"), "unreadable_characters")
    padded = column.text.str.strip_chars("\x00")
    column.mend(padded != column.text, "nul_trimmed", padded)
    column.refuse(column.text.str.contains("\x00", literal=True), "nul_byte")
    column.mend(matches(column.text, _CONTROL), "control_removed", column.text.str.replace_all(_CONTROL, ""))
    trimmed = column.text.str.strip_chars(_SPACES)
    column.mend((trimmed != column.text) & (trimmed != ""), "spaces_trimmed", trimmed)
    column.empty(trimmed == "")
    column.refuse(matches(column.text, _EXCEL_ERROR), "excel_error")
    column.empty(column.text == r"\N")
    unwrapped = column.text.str.extract(r'(?s)^="([^"]*)"$')
    column.mend(unwrapped.is_not_null(), "excel_text_unwrapped", unwrapped)
    column.refuse(column.text.str.starts_with("="), "formula_cell")
    column.empty(column.text == "")


def without_null_words(column: Column) -> Column:
    """Empty the words that other systems write for nothing; not used for names, for Null is one."""
    words = matches(column.text, _NULL_WORDS)
    if words.any():
        column.mend(words, "null_word")
        column.empty(words)
    return column


def without_apostrophe(column: Column) -> Column:
    """Remove the apostrophe that tells Excel to keep a number as text."""
    quoted = matches(column.text, r"^'.")
    if quoted.any():
        column.mend(quoted, "excel_text_unwrapped", column.text.str.slice(1))
    return column


def half_width(column: Column) -> Column:
    """Read ０１２ as 012, as Chinese input methods write digits and punctuation."""
    wide = matches(column.text, f"[{_FULL_WIDTH}]")
    if wide.any():
        column.mend(wide, "full_width", column.text.str.replace_many(list(_FULL_WIDTH), list(_HALF_WIDTH)))
    return column


def text(column: Column, max_chars: int) -> Column:
    """Refuse what the database could not keep whole."""
    column.refuse(column.text.str.len_chars() > max_chars, "too_long")
    return column


def shown(column: Column, max_chars: int) -> Column:
    """Return texts that people read, without signs that nobody sees; what then shows nothing counts as empty."""
    hidden = matches(column.text, f"[{INVISIBLE}{BLANK}]")
    if hidden.any():
        bare = column.text.str.replace_all(f"[{INVISIBLE}]", "").str.strip_chars()
        column.mend(hidden & (bare != column.text), "control_removed", bare)
        column.empty(column.present & ~matches(column.text, rf"[^\s\p{{C}}\p{{Z}}\p{{M}}{BLANK}]"))
    return text(column, max_chars)


def identifier(column: Column, max_chars: int) -> Column:
    """Return numbers and codes of other systems, exactly as they are there.

    A number that a spreadsheet shortened to 1.38E+10 has lost digits and is refused: guessing would give one
    customer's orders to another.
    """
    without_null_words(without_apostrophe(half_width(column)))
    column.refuse(matches(column.text, _SHORTENED), "digits_lost")
    whole = column.text.str.extract(r"^(\d+)\.0+$")
    column.mend(whole.is_not_null(), "decimal_tail_removed", whole)
    return text(column, max_chars)


def customer_number(column: Column, max_chars: int) -> Column:
    """Return numbers by which customers are recognised, in the form in which `customers` compares them (NFKC)."""
    identifier(column, max_chars)
    column.text = column.text.str.normalize("NFKC").str.strip_chars()
    column.refuse(matches(column.text, r"\p{C}"), "invisible_characters")
    column.refuse(column.present & ~matches(column.text, r"[\p{L}\p{N}]"), "not_an_id")
    return text(column, max_chars)
