from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from troth.console import formats


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (7, "7", "7"),
        (0.25, "0.3", "0.3"),
        (9.96, "10", "10"),
        (10.4, "10", "10"),
        (9_999, "9,999", "9,999"),
        (9_999.6, "10k", "1万"),
        (12_345, "12.3k", "1.2万"),
        (99_960, "100k", "10万"),
        (950_000, "950k", "95万"),
        (999_499, "999k", "99.9万"),
        (999_500, "1M", "100万"),
        (5_150_000, "5.2M", "515万"),
        (12_345_678, "12.3M", "1,235万"),
        (99_994_999, "100M", "9,999万"),
        (99_995_000, "100M", "1亿"),
        (1_234_567_890, "1.2B", "12.3亿"),
        (-12_345, "−12.3k", "−1.2万"),
    ],
)
def test_compact(value, english, chinese):
    with translation.override("en"):
        assert formats.compact(value) == english
    with translation.override("zh-hans"):
        assert formats.compact(value) == chinese


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("1234.5"), "CNY", "¥1,234.50"),
        (Decimal("-0.005"), "CNY", "−¥0.01"),
        (Decimal("1234.5"), "JPY", "¥1,235"),
        (Decimal("1234.5"), "KWD", "KWD\u00a01,234.500"),
        (Decimal("99.999"), "USD", "$100.00"),
    ],
)
def test_money_in_the_places_of_its_currency(amount, currency, text):
    assert formats.money(amount, currency) == text


def test_short_money():
    with translation.override("zh-hans"):
        assert formats.money_compact(Decimal("5150000"), "CNY") == "¥515万"
        assert formats.money_compact(Decimal("-51"), "CNY") == "−¥51"
    with translation.override("en"):
        assert formats.money_compact(Decimal("5150000"), "EUR") == "€5.2M"


def test_percentages_round_half_up_and_keep_their_sign():
    assert formats.percent(0.1235) == "12.4%"
    assert formats.percent(-0.5, 0) == "−50%"
    assert formats.change(0.031) == "+3.1%"
    assert formats.change(-0.009) == "−0.9%"
    assert formats.change(0) == "0.0%"
    assert formats.change(0.00001) == "0.0%"
    assert formats.change(0.1, 0) == "+10%"


def test_days_and_moments_in_the_active_zone():
    late = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"), translation.override("en"):
        assert formats.moment(late) == "22 Nov 2026, 01:05"
        assert formats.day(late) == "22 Nov 2026"
        assert formats.day(date(2026, 1, 2)) == "2 Jan 2026"
        assert formats.month(date(2026, 1, 2)) == "Jan 2026"
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert formats.moment(late) == "2026年11月22日 01:05"
        assert formats.month(date(2026, 1, 2)) == "2026年1月"


def test_how_long_ago():
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with translation.override("en"):
        assert formats.ago(now - timedelta(days=3), now) == "3 days ago"
    with translation.override("zh-hans"):
        assert formats.ago(now - timedelta(days=3), now) == "3天前"


@pytest.mark.parametrize(
    ("name", "initials"), [("王小明", "明"), ("Anna Berg", "AB"), ("Anna", "A"), ("欧阳", "阳"), ("", "")]
)
def test_initials_in_the_script_of_the_name(name, initials):
    assert formats.initials(name) == initials


@pytest.mark.parametrize(("language", "text"), [("en", "tea, rice"), ("zh-hans", "tea、rice")])
def test_texts_one_after_the_other(language, text):
    with translation.override(language):
        assert formats.listed(["tea", "rice"]) == text
        assert formats.listed([]) == ""
