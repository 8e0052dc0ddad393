"""Amounts and quantities: text to whole ten-thousandths, exactly, without a float on the way."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import list_currencies

from troth.imports.values import texts
from troth.imports.values.column import Column, matches
from troth.value.later import pl

LIMIT = 1_000_000_000_000
"""Amounts beyond ± this are refused: a till that shows them is broken."""

_PLAIN = r"^-?\d{1,12}(?:\.\d{1,4})?$"
_SIGNS = {
    "¥": "CNY JPY", "￥": "CNY JPY", "元": "CNY", "圆": "CNY JPY", "块": "CNY", "RMB": "CNY", "人民币": "CNY",
    "US$": "USD", "HK$": "HKD", "NT$": "TWD", "A$": "AUD", "C$": "CAD", "S$": "SGD", "港币": "HKD", "美元": "USD",
    "$": "USD HKD TWD AUD CAD SGD NZD MXN", "€": "EUR", "欧元": "EUR", "£": "GBP", "₩": "KRW", "日元": "JPY",
    "₹": "INR", "฿": "THB", "₫": "VND",
}  # fmt: skip
_SIGN = r"(?i)(US\$|HK\$|NT\$|A\$|C\$|S\$|[¥￥$€£₩₹฿₫元圆块]|人民币|港币|美元|欧元|日元|[A-Za-z]{3})"
_SCIENTIFIC = r"^[+-]?\d+(?:\.\d+)?[eE]([+-]?)\d{1,3}$"


def parse(column: Column, *, mark: str = ".", currency: pl.Series | str | None = None) -> pl.Series:
    """Return Int64 ten-thousandths, null where the cell is empty or refused.

    Args:
        mark: the decimal mark of the column, "." or ","; the other one separates thousands.
        currency: of the amounts, one for all or one per row; a cell with the sign of another one is refused. None for
            quantities: no sign allowed.
    """
    if not (column.text.str.contains(_PLAIN) | column.text.is_null()).all():
        _tidy(column, mark, currency)
    return _ten_thousandths(column)


def _tidy(column: Column, mark: str, currency: pl.Series | str | None) -> None:
    """Bring every cell to the plain form -1234.5 or refuse it."""
    texts.without_null_words(texts.without_apostrophe(texts.half_width(column)))
    column.text = column.text.str.replace_many(["−", "–", "﹣"], ["-", "-", "-"])
    column.refuse(column.text.str.extract(_SCIENTIFIC) == "+", "digits_lost")
    column.refuse(matches(column.text, r"^\d+(?:\.\d+)?[eE]\d+$"), "digits_lost")
    _tiny(column)
    if currency is not None:
        _without_sign(column, currency)
    inner = column.text.str.extract(r"^\(\s*([^()-]+)\s*\)$")
    column.mend(inner.is_not_null(), "parentheses_negative", "-" + inner)
    behind = column.text.str.extract(r"^([^-+]+)-$")
    column.mend(behind.is_not_null(), "trailing_minus", "-" + behind)
    column.text = column.text.str.replace(r"^([+-]?)\s+", "$1").str.replace(r"^\+", "")
    _without_separators(column, mark)
    column.text = column.text.str.replace(r"^(-?)\.", "${1}0.").str.replace(r"\.$", "")
    column.refuse(~matches(column.text, r"^-?\d+(?:\.\d+)?$") & column.present, "not_a_number")


def _tiny(column: Column) -> None:
    """Read 1.4e-14, what floats leave of zero, as the number it is: rounded to four places, nothing."""
    tiny = column.text.str.extract(_SCIENTIFIC) == "-"
    if tiny.any():
        written = [_fixed(value) if is_tiny else value for value, is_tiny in zip(column.text, tiny, strict=True)]
        column.mend(tiny, "rounded", pl.Series(written, dtype=pl.String))


def _fixed(text: str) -> str:
    return f"{Decimal(text).quantize(Decimal('0.0001'), ROUND_HALF_UP):f}"


def _without_sign(column: Column, currency: pl.Series | str) -> None:
    signs = column.text.str.extract(_SIGN).str.to_uppercase()
    if signs.is_null().all():
        return
    codes = pl.Series([currency]).new_from_index(0, len(signs)) if isinstance(currency, str) else currency
    pairs = pl.DataFrame({"sign": signs, "code": codes})
    fits = {pair: _fits(*pair) for pair in pairs.unique().iter_rows() if pair[0] is not None}
    verdict = pl.Series([fits.get(pair) for pair in pairs.iter_rows()], dtype=pl.Boolean)
    column.refuse(~verdict, "other_currency")
    bare = column.text.str.replace(_SIGN, "").str.strip_chars()
    column.mend(verdict, "currency_symbol", bare)


def _fits(sign: str, currency: str) -> bool | None:
    """Return whether a sign can mean the currency; None for three letters that are none."""
    if sign in _SIGNS:
        return currency in _SIGNS[sign].split()
    return sign == currency if sign in list_currencies() else None


def _without_separators(column: Column, mark: str) -> None:
    other = "," if mark == "." else "."
    column.text = column.text.str.replace_many(["\u00a0", "\u202f", "’"], [" ", " ", "'"])
    grouped = matches(column.text, rf"^-?[1-9]\d{{0,2}}(?:[{other} ']\d{{3}})+(?:[{mark}]\d+)?$")
    column.mend(grouped, "thousands_separator", column.text.str.replace_all(rf"[{other} ']", ""))
    # A workbook mixes both marks: cells that are numbers come with a point, what was typed as text with a comma.
    foreign = matches(column.text, rf"^-?\d+(?:[{mark} ']\d{{3}})*[{other}]\d+$") & ~grouped
    bare = column.text.str.replace_all(rf"[{mark} ']", "").str.replace(other, mark, literal=True)
    column.mend(foreign, "other_decimal_mark", bare)
    if mark == ",":
        column.text = column.text.str.replace(",", ".", literal=True)


def _ten_thousandths(column: Column) -> pl.Series:
    text = column.text
    whole = text.str.extract(r"^-?0*(\d+)(?:\.|$)")
    column.refuse(whole.str.len_bytes() > 12, "amount_too_large")
    decimals = text.str.extract(r"\.(\d+)$").fill_null("")
    column.mend(matches(decimals.str.slice(4), "[1-9]"), "rounded")
    fifth = decimals.str.slice(4, 1).replace("", "0").cast(pl.Int64)
    fraction = decimals.str.slice(0, 4).str.pad_end(4, "0").cast(pl.Int64) + (fifth >= 5).cast(pl.Int64)
    value = whole.zip_with(column.refused.is_null(), pl.Series(values=[None], dtype=pl.String)).cast(pl.Int64) * 10_000
    value += fraction
    return value.zip_with(~text.str.starts_with("-").fill_null(value=False), -value)


def guess_mark(samples: list[pl.Series]) -> str:
    """Return the decimal mark that more cells of the samples can only be read with; "." when none tells."""
    commas = sum(matches(cells, r"\d,\d{1,2}\D*$|\.\d{3},\d+\D*$").sum() for cells in samples)
    points = sum(matches(cells, r"\d\.\d{1,2}\D*$|,\d{3}\.\d+\D*$").sum() for cells in samples)
    return "," if commas > points else "."
