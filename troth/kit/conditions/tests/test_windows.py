from datetime import UTC, date, datetime

from django.db.models import Q

from troth.kit.conditions import windows
from troth.kit.conditions.fields import AsOf

SHANGHAI = AsOf(datetime(2026, 3, 9, 16, 30, tzinfo=UTC), date(2026, 3, 10), zone="Asia/Shanghai", currency="CNY")


def test_the_window_ends_with_today_and_counts_it():
    assert windows.days(SHANGHAI, {"days": 1}) == (date(2026, 3, 10), date(2026, 3, 10))
    assert windows.days(SHANGHAI, {"days": 30}) == (date(2026, 2, 9), date(2026, 3, 10))
    assert windows.days(SHANGHAI, {}) == (date.min, date(2026, 3, 10))


def test_its_moments_are_those_of_the_company_s_days():
    end = datetime(2026, 3, 10, 16, tzinfo=UTC)
    assert windows.moments("sent_at", SHANGHAI, {}) == Q(sent_at__lt=end)
    first = datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert windows.moments("sent_at", SHANGHAI, {"days": 2}) == Q(sent_at__lt=end) & Q(sent_at__gte=first)
