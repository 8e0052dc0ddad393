"""Money is exact: in Python, in the database, in sums."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.kit.money import from_stored, in_words, minor_unit_places, to_stored

amounts = st.decimals(min_value=-(10**14), max_value=10**14, places=4, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_what_is_stored_comes_back(amount):
    assert from_stored(to_stored(amount)) == amount


@given(st.lists(amounts, max_size=20))
def test_sums_of_stored_amounts_are_exact(many):
    assert from_stored(sum(map(to_stored, many))) == sum(many, Decimal(0))


@pytest.mark.parametrize(("amount", "said"), [
    (Decimal("0.00001"), "four decimal places"),
    (Decimal("NaN"), "not a finite number"),
    (Decimal("Infinity"), "not a finite number"),
    (Decimal(10) ** 16, "beyond"),
])  # fmt: skip
def test_what_cannot_be_stored_exactly_is_refused(amount, said):
    with pytest.raises(ValueError, match=said):
        to_stored(amount)


def test_currencies_have_their_own_minor_units():
    assert [minor_unit_places(code) for code in ("CNY", "USD", "JPY", "KWD")] == [2, 2, 0, 3]


@pytest.mark.parametrize(("amount", "currency", "said"), [
    ("30", "USD", "$30"),
    ("30.00", "USD", "$30"),
    ("12.5", "USD", "$12.50"),
    ("-1200", "CNY", "−¥1,200"),
    ("0.0025", "EUR", "€0.0025"),
    ("1E+3", "JPY", "¥1,000"),
    ("7.5", "CHF", "CHF\u00a07.50"),
    ("0", "USD", "$0"),
])  # fmt: skip
def test_an_amount_in_a_sentence(amount, currency, said):
    assert in_words(Decimal(amount), currency) == said
