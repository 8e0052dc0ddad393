"""Every rule by which a cell is mended or a row refused, with its sentence: the code is stored, the sentence is shown.

A refusal carries its values (the cell, the limit), so that the sentence can be made in either language afterwards.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.kit.regions import country_name

from .targets import BY_CODE

REFUSALS: dict[str, str | Promise] = {
    # rows that cannot be cut into cells
    "record_too_long": _("The row has %(bytes)s bytes; the limit is %(limit)s."),
    "unclosed_quote": _("The row opens a quotation mark that is not closed. Double a quotation mark inside a cell."),
    "text_after_quote": _("The row has text behind a closing quotation mark. Double a quotation mark inside a cell."),
    "stray_line_break": _("The row has a bare line break in a cell. Put the cell in quotation marks."),
    "too_many_cells": _(
        "The row has %(found)s cells; the header has %(expected)s. A delimiter inside a cell needs quotation marks."
    ),
    # any cell
    "cell_too_long": _("%(column)s: the cell has more than %(limit)s characters."),
    "nul_byte": _("%(column)s: “%(value)s” holds a NUL byte; the file was damaged on its way."),
    "unreadable_characters": _("%(column)s: “%(value)s” holds characters that cannot be read in this encoding."),
    "formula_cell": _("%(column)s: “%(value)s” is a formula. Replace formulas by their values."),
    "excel_error": _("%(column)s: “%(value)s” is an Excel error."),
    "missing_value": _("%(column)s: the cell is empty, but needed."),
    # identifiers and texts
    "digits_lost": _(
        "%(column)s: “%(value)s” is a number that a spreadsheet shortened; its last digits are lost. "
        "Format the column as text in the spreadsheet and export again."
    ),
    "invisible_characters": _("%(column)s: “%(value)s” holds invisible characters."),
    "not_an_id": _("%(column)s: “%(value)s” has neither a letter nor a digit."),
    "too_long": _("%(column)s: the text has more than %(limit)s characters, the most that is kept."),
    # dates
    "not_a_date": _("%(column)s: “%(value)s” is not a date. Write it as 2024-03-31."),
    "no_such_day": _("%(column)s: “%(value)s” is a day or time that does not exist."),
    "two_digit_year": _(
        "%(column)s: in “%(value)s” it cannot be told which number is the year. Write the year with four digits."
    ),
    "ambiguous_date": _(
        "%(column)s: in “%(value)s” day and month cannot be told apart. Say which comes first, or write 2024-03-31."
    ),
    "date_out_of_range": _("%(column)s: “%(value)s” lies before %(first)s or after %(last)s."),
    "not_a_time": _("%(column)s: “%(value)s” is not a time of day. Write it as 18:30."),
    # numbers
    "not_a_number": _("%(column)s: “%(value)s” is not a number."),
    "amount_too_large": _("%(column)s: “%(value)s” is beyond ±%(limit)s."),
    "other_currency": _("%(column)s: “%(value)s” is not in %(currency)s, the currency of the order."),
    "unknown_currency": _("%(column)s: “%(value)s” is not a currency code such as CNY."),
    "line_too_large": _("The quantity, a price or an amount of the row is too large to be true."),
    "amount_missing": _("The line has neither an amount nor a unit price."),
    # people
    "not_a_phone": _("%(column)s: “%(value)s” is not a phone number of %(country)s, nor one with a country code."),
    "not_an_email": _("%(column)s: “%(value)s” is not an e-mail address."),
    "unknown_word": _("%(column)s: “%(value)s” is not one of %(known)s."),
    "unknown_country": _("%(column)s: “%(value)s” is not a country code such as CN."),
    "total_row": _("The row is a total of the rows above, not one of them."),
    "customer_not_named": _("The row names no customer."),
    "customer_missing": _("There is no customer %(value)s. Import the customers first, or let the import add them."),
    "customer_ambiguous": _("The row's numbers belong to different customers: %(value)s."),
    # orders
    "order_lines_disagree": _("Order %(order)s: its rows disagree about %(field)s: “%(first)s” and “%(second)s”."),
    "order_has_refused_row": _("Order %(order)s: row %(row)s is refused, and an order is taken whole or not at all."),
    "too_many_lines": _("Order %(order)s has %(found)s rows; the limit is %(limit)s."),
    "order_id_twice": _("Order %(order)s stands in the file twice, with different content."),
    "order_conflict": _(
        "Order %(order)s is known already with other content. Choose “take the file's content” to change it."
    ),
    "order_of_other_customer": _("Order %(order)s is known already as an order of another customer."),
    "return_refused": "%(text)s",
    "order_refused": "%(text)s",
}

MENDINGS: dict[str, str | Promise] = {
    "blank_row": _("Blank rows were skipped."),
    "cells_missing_at_end": _("Rows shorter than the header: the missing cells count as empty."),
    "empty_cells_at_end": _("Empty cells behind the last column were ignored."),
    "formula_result_used": _("Formula cells: the result stored in the file was taken; nothing was calculated."),
    "spaces_trimmed": _("Spaces around a value were removed."),
    "nul_trimmed": _("NUL bytes that only filled up a cell were removed."),
    "control_removed": _("Invisible control characters were removed."),
    "excel_text_unwrapped": _('Values protected from Excel (="0012" or a leading apostrophe) were unwrapped.'),
    "null_word": _("Words for “nothing” (NULL, N/A, NaN, 无) count as empty."),
    "full_width": _("Full-width digits and letters were read as ordinary ones."),
    "decimal_tail_removed": _("Whole numbers written as 1001.0 were read as 1001."),
    "excel_serial": _("Dates given as Excel's day numbers were converted."),
    "short_year": _(
        "Years of two digits were read as Excel reads them: 00 to 29 as 2000 to 2029, 30 to 99 as 1930 to 1999."
    ),
    "unix_time": _("Moments given in seconds or milliseconds since 1970 were converted."),
    "day_first": _("Dates such as 31/03/2024 were read day first: the column shows days above 12 there."),
    "month_first": _("Dates such as 03/31/2024 were read month first: the column shows days above 12 there."),
    "second_date_format": _(
        "The column has dates day first and month first; only the ones that can be told apart were taken."
    ),
    "chosen_date_order": _("Dates such as 03/04/2024 were read in the order you chose."),
    "time_dropped": _("A time of day in a date column was dropped."),
    "currency_symbol": _("Currency signs and names were removed from amounts."),
    "thousands_separator": _("Thousands separators were removed."),
    "other_decimal_mark": _("Amounts with another decimal mark than the rest of the column were read by their own."),
    "parentheses_negative": _("Amounts in parentheses were read as negative."),
    "trailing_minus": _("Amounts with the minus behind were read as negative."),
    "rounded": _("Numbers with more than four decimal places were rounded to four, half away from zero."),
    "phone_completed": _("Phone numbers were completed with their country code."),
    "email_lowered": _("E-mail addresses were written in lower case."),
    "sign_normalised": _("Returns with only one of quantity and amount negative: both were read as given back."),
    "became_return": _("Rows with a negative amount or quantity were recorded as returns."),
    "quantity_assumed": _("Lines without a quantity, and returns with 0, count as one piece."),
    "quantity_nothing": _(
        "Lines with quantity 0, such as coupons and adjustments, count by their amount, as no piece."
    ),
    "discount_sign": _("Negative discounts were read as discounts."),
    "amount_computed": _("Line amounts were computed: quantity × unit price − discount."),
    "price_computed": _("Unit prices were computed: (amount + discount) ÷ quantity."),
    "amount_kept_over_price": _("Amount and quantity × price − discount disagree: all were kept, the amount counts."),
    "earliest_time": _("Rows of one order at different times within a day: the earliest was taken."),
    "first_of_order": _("Rows of one order with different channel, staff or payment: the first filled one was taken."),
    "duplicate_row": _("Rows that repeat an order or a customer of the file with the same content count once."),
    "later_row_wins": _("Several rows of one customer: filled cells of the later row were taken."),
    "identity_of_other": _(
        "A phone, e-mail or card that belongs to another customer was left out; the pair is listed among possible"
        " duplicates."
    ),
    "consent_refused_before": _(
        "A yes was left out where the customer had refused or withdrawn here: a file gives no consent anew."
    ),
    "customer_added": _("Customers named in orders and not known yet were added."),
    "staff_unknown": _("Staff numbers that are not known were left out."),
    "store_added": _("Stores named in orders and not known yet were added."),
    "currency_assumed": _("Orders without a currency are in the company's currency."),
}

# Why a cell was left empty, where many of them are counted; a code that is not here is called unreadable.
NOTES: dict[str, str | Promise] = {
    "not_a_phone": _("Not a phone number."),
    "digits_lost": _("Shortened by a spreadsheet: the last digits are lost."),
    "not_an_email": _("Not an e-mail address."),
    "not_a_date": _("Not a date."),
    "no_such_day": _("A day that does not exist."),
    "ambiguous_date": _("A date of which day and month cannot be told apart."),
    "two_digit_year": _("A date of which the year cannot be told."),
    "date_out_of_range": _("A day too long ago, or in the future."),
    "not_a_number": _("Not a number."),
    "unknown_word": _("Not one of the words that are understood."),
    "unknown_country": _("Not a country."),
    "formula_cell": _("A formula."),
    "excel_error": _("An Excel error."),
    "too_long": _("Longer than what is kept."),
    "cell_too_long": _("Longer than what is kept."),
    "invisible_characters": _("Nothing but invisible characters, or invisible ones in a number."),
    "other": _("Unreadable."),
}


def refusal_text(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a refusal in the active language."""
    shown = _Shown(values)
    if "field" in values:
        shown["field"] = BY_CODE[values["field"]].label
    if "country" in values:
        shown["country"] = country_name(values["country"])
    return str(REFUSALS[code]) % shown


def note_text(code: str) -> str:
    """Return why cells were left empty, without the cells, in the active language."""
    return str(NOTES.get(code, NOTES["other"]))


DONE: dict[str, Promise] = {
    "customers_created": _("Customers added"),
    "customers_changed": _("Customers changed"),
    "customers_unchanged": _("Customers unchanged"),
    "orders_created": _("Orders added"),
    "orders_changed": _("Orders changed"),
    "orders_unchanged": _("Orders unchanged"),
    "lines_created": _("Order lines added"),
    "returns_created": _("Returns added"),
    "returns_changed": _("Returns changed"),
    "returns_unchanged": _("Returns unchanged"),
    "returns_compared": _("Returns compared with their orders"),
    "attributes_set": _("Attributes set"),
    "consents_recorded": _("Acts of consent recorded"),
    "stores_created": _("Stores added"),
}
"""What an import counts of what it did, in the order in which it is told."""


def done_text(code: str) -> str:
    """Return what a count of the tally is of, in the active language."""
    return str(DONE[code])


def mending_text(code: str) -> str:
    """Return the sentence of a mending rule in the active language."""
    return str(MENDINGS[code])


class _Shown(dict[str, Any]):
    """Values for a sentence: long cells cut, control characters made visible, absent ones shown as a dash."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__({key: _short(value) for key, value in values.items()})

    def __missing__(self, key: str) -> str:
        return "—"


def _short(value: Any) -> str:
    text = "".join(char if char.isprintable() else "␀" if char == "\x00" else "·" for char in str(value)[:81])
    return text if len(text) <= 80 else text[:79] + "…"
