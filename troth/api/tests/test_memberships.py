"""Where a customer stands in programmes, and tiers granted by hand, through the API."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.kit import clock
from troth.programs import services as programs

from .conftest import ACTOR

pytestmark = pytest.mark.django_db
TEXT = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
tiers:
  ladder:
    - {code: member, name: Member}
    - {code: gold, name: Gold, reach: {points: 1000}}
"""


@pytest.fixture
def club(api):
    api.post("/point-currencies", {"code": "points", "name": "Points"})
    start = datetime(2026, 1, 1, tzinfo=UTC)
    programs.establish(actor=ACTOR, now=clock.utc_now(), text=TEXT, effective_at=start, reviewed_by="user:x")


@pytest.mark.slow
def test_a_member_is_told_what_is_missing_and_is_given_a_tier(api, club, lin, an_order):
    assert api.get(f"/customers/{lin['id']}/programmes").json() == {"items": []}
    now = clock.utc_now()
    assert api.post("/orders", an_order(lin, occurred_at=now.isoformat())).status_code == 201
    (found,) = api.get(f"/customers/{lin['id']}/programmes").json()["items"]
    assert (found["programme"], found["tier"]["tier"], found["tier"]["next_tier"]) == ("club", "member", "gold")
    assert [one["points"] for one in found["tier"]["missing_to_reach"]] == [971]
    path = f"/customers/{lin['id']}/programmes/club/tier-grant"
    until = now + timedelta(days=30)
    grant = {"tier": "gold", "until": until.isoformat(), "is_match": True, "reason": "other"}
    assert api.send("PUT", path, grant | {"tier": "lead"}).json()["code"] == "programme_refused"
    assert api.send("PUT", path, grant).json()["tier"] == "gold"
    (found,) = api.get(f"/customers/{lin['id']}/programmes").json()["items"]
    assert (found["tier"]["tier"], found["granted_tier"]) == ("gold", "gold")
    assert api.send("DELETE", path).json()["tier"] == "member"
    (found,) = api.get(f"/customers/{lin['id']}/programmes").json()["items"]
    assert (found["tier"]["tier"], found["granted_tier"], found["badges"]) == ("member", None, [])
    assert api.send("DELETE", path).status_code == 422
