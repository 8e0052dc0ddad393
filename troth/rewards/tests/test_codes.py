"""Codes: no two alike, none guessed, wrong ones noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.rewards import codes
from troth.rewards.codes import ALPHABET, Scheme

KEY = bytes(range(32))
TEN_MILLION = 10_000_000
CAMPAIGN = Scheme(prefix="TEAM".replace("E", "3").replace("A", "4"), length=11, key=KEY, size=TEN_MILLION)
SERIALS = st.integers(0, TEN_MILLION - 1)


def test_the_alphabet_has_nothing_to_confuse():
    assert len(ALPHABET) == len(set(ALPHABET)) == 17
    for group in ("0O", "1IL", "5S", "2Z", "8B", "UV", "MN", "FS", "JK", "BCDEGPTVZ", "59", "6G", "0D", "0Q"):
        assert len(set(group) & set(ALPHABET)) <= 1, group
    assert set("AEIOU") & set(ALPHABET) == set()


@pytest.mark.parametrize("length", [2, 3])
def test_the_permutation_meets_every_body_once(length):
    scheme = Scheme(prefix="", length=length, key=KEY, size=17**length)
    everything = [scheme.permuted(number) for number in range(17**length)]
    assert sorted(everything) == list(range(17**length))
    assert everything != sorted(everything)


@given(SERIALS)
def test_a_code_leads_back_to_its_number(serial_no):
    code = CAMPAIGN.code(serial_no)
    assert len(code) == 16
    assert codes.is_well_formed(code)
    assert CAMPAIGN.serial_no(code) == serial_no


@given(st.integers(7, 14), st.binary(min_size=32, max_size=32), st.data())
def test_the_permutation_has_an_inverse_for_every_key_and_length(length, key, data):
    """Having an inverse everywhere, it cannot send two numbers to one body: no collision, however many codes."""
    scheme = Scheme(prefix="2222", length=length, key=key, size=17**length)
    number = data.draw(st.integers(0, 17**length - 1))
    assert scheme.restored(scheme.permuted(number)) == number
    assert scheme.permuted(scheme.restored(number)) == number


# lesson: bulk codes stop at 250,000 of 2,500,000 on a collision
@pytest.mark.slow
def test_a_campaign_of_millions_does_not_stop_on_a_collision():
    made = set(CAMPAIGN.codes(250_000 - 30_000, 60_000))
    made.update(CAMPAIGN.codes(TEN_MILLION - 60_000, 60_000))
    assert len(made) == 120_000


@given(SERIALS, st.integers(0, 15), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_noticed(serial_no, place, sign):
    code = CAMPAIGN.code(serial_no)
    wrong = code[:place] + sign + code[place + 1 :]
    assert codes.is_well_formed(wrong) is (wrong == code)


@given(st.integers(7, 14), st.integers(0, 999), st.data())
def test_two_neighbours_swapped_are_noticed(length, serial_no, data):
    code = Scheme(prefix="K7QX", length=length, key=KEY, size=1000).code(serial_no)
    place = data.draw(st.integers(0, len(code) - 2))
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert codes.is_well_formed(wrong) is (wrong == code)


def test_a_made_up_body_is_no_code_of_the_campaign():
    scheme = Scheme(prefix="K7QX", length=codes.body_length(1000), key=KEY, size=1000)
    stem = "K7QX" + "2" * scheme.length
    assert scheme.serial_no(stem + codes.check_sign(stem)) is None


def test_another_key_makes_other_codes():
    other = Scheme(prefix=CAMPAIGN.prefix, length=11, key=bytes(32), size=TEN_MILLION)
    assert set(other.codes(0, 100)) & set(CAMPAIGN.codes(0, 100)) == set()


@pytest.mark.parametrize(
    ("size", "length"), [(1, 7), (410, 7), (411, 8), (1000, 8), (TEN_MILLION, 11), (34_000_000, 11), (10**9, 13)]
)
def test_bodies_are_long_enough_to_hide_the_codes(size, length):
    assert codes.body_length(size) == length
    assert 17**length >= size * 1_000_000


def test_more_codes_than_bodies_can_hide_are_refused():
    with pytest.raises(ValueError, match="more than bodies of 14 signs can hide"):
        codes.body_length(10**12)


def test_numbers_outside_of_the_campaign_have_no_code():
    for serial_no in (-1, TEN_MILLION):
        with pytest.raises(ValueError, match="is not within 0 and 9999999"):
            CAMPAIGN.code(serial_no)


@pytest.mark.parametrize("typed", ["t34m-k7qx", " T34M K7QX ", "Ｔ３４Ｍ－Ｋ７ＱＸ", "t34m‑k7qx", "T34M.K7QX"])
def test_a_code_is_read_however_it_is_typed(typed):
    assert codes.normalized(typed) == "T34MK7QX"


def test_codes_are_shown_in_groups_of_four():
    assert codes.grouped("T34MK7QX9MHT2WR") == "T34M-K7QX-9MHT-2WR"


def test_a_new_prefix_is_one():
    assert codes.is_prefix(codes.new_prefix())
    assert not codes.is_prefix("ABCD")
    assert not codes.is_prefix("222")
