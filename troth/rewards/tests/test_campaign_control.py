"""A campaign's control group: of what is handed out unasked some get none; what was promised is never withheld."""

from dataclasses import replace

import pytest

from troth.customers.models import Customer
from troth.messaging import control_draws
from troth.rewards import services
from troth.rewards.errors import CampaignRefusedError
from troth.rewards.models import Coupon, CouponCampaign
from troth.rewards.operations import Assign
from troth.rewards.segment_coupons import assign_next
from troth.segments import queries as segments

from .conftest import ACTOR, LATER, NOW, UNIQUE


@pytest.fixture
def people(company, monkeypatch):
    made = [Customer(name=f"P{number}", created_at=NOW, updated_at=NOW) for number in range(10)]
    found = sorted(one.id for one in Customer.objects.bulk_create(made))
    monkeypatch.setattr(control_draws, "_is_drawn", lambda _subject, one, percent: percent == 20 and one in found[:2])

    class Members:
        @staticmethod
        def order_by(_field):
            return Members

        @staticmethod
        def filter(*, owner_id__gt):
            return [one for one in found if one > owner_id__gt]

        def __class_getitem__(cls, part):
            return found[part]

    monkeypatch.setattr(segments, "member_ids", lambda _segment: Members)
    return found


@pytest.fixture
def campaign(company):
    made = services.create_campaign(actor=ACTOR, now=NOW, fields=replace(UNIQUE, control_percent=20))
    services.start_campaign(actor=ACTOR, now=NOW, campaign_id=made.id)
    return CouponCampaign.objects.get(id=made.id)


@pytest.mark.slow
def test_a_segment_hands_out_to_all_but_those_whom_chance_keeps_out(people, campaign):
    last, counts = assign_next(actor=ACTOR, now=NOW, campaign_id=campaign.id, segment_id=campaign.id, after=None)
    assert (last, counts) == (people[9], {"given": 8, "had": 0, "refused": 0, "kept_out": 2})
    assert set(Coupon.objects.values_list("owner_id", flat=True)) == set(people[2:])
    _last, again = assign_next(actor=ACTOR, now=LATER, campaign_id=campaign.id, segment_id=campaign.id, after=None)
    assert again == {"given": 0, "had": 8, "refused": 0, "kept_out": 2}


@pytest.mark.slow
def test_what_was_earned_or_given_by_hand_is_never_withheld(people, campaign):
    services.kept_out_of(campaign.code, people, now=NOW)
    for source in ("order", "case", "api", "birthday"):
        assign = Assign(source, people[0], campaign.code, NOW, source=source)
        (done,) = services.post_coupons([assign], actor=ACTOR, now=NOW)
        assert (done.outcome, done.error) == ("done", None)
    assert Coupon.objects.filter(owner_id=people[0]).count() == 4


def test_a_share_is_at_most_half_and_of_an_unknown_campaign_nobody_is_kept_out(company):
    for wrong in (-1, 51):
        with pytest.raises(CampaignRefusedError, match="write 0 to 50"):
            services.create_campaign(actor=ACTOR, now=NOW, fields=replace(UNIQUE, control_percent=wrong))
    assert services.kept_out_of("nothing", [company.id], now=NOW) == set()
