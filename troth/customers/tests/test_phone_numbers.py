"""One rule for phones: what files, API and console store for the same cell is the same."""

import phonenumbers
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.customers import bulk
from troth.customers.errors import IdentityRefusedError
from troth.customers.identifying import NewIdentity, normalized, phone_number


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        ("008613800138000", "US", "+8613800138000"),
        ("+86 138-0013-8000", "", "+8613800138000"),
        ("021-5888 1234", "CN", "+862158881234"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("138 0013 9999", "US", None),  # possible by its length, but of nobody
        ("+1 380 013 9999", "CN", "+13800139999"),  # who writes the code is believed
        ("+1 380 013", "US", None),
        ("14900138000", "CN", None),
        ("13800138000", "", None),
        ("call 13800138000", "CN", None),
        ("1" * 41, "CN", None),
        ("", "CN", None),
    ],
)
def test_a_number_is_read_by_one_rule_whatever_way_it_comes(text, country, number):
    assert phone_number(text, country=country) == number
    assert bulk.phone_numbers(pl.Series([text, None]), country=country).to_list() == [number, None]
    if number is None:
        with pytest.raises(IdentityRefusedError):
            normalized(NewIdentity("phone", text), country=country)
    else:
        assert normalized(NewIdentity("phone", text), country=country).value == number


@pytest.mark.slow
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_quick_way_for_chinese_mobiles_says_what_the_library_says(digits):
    parsed = phonenumbers.parse(digits, "CN")
    # 174 and 161 are given out in part: those go the long way.
    assert phone_number(digits, country="CN") == (f"+86{digits}" if phonenumbers.is_valid_number(parsed) else None)
    if digits[:2] in ("13", "18"):
        assert phone_number(digits, country="CN") == f"+86{digits}"
