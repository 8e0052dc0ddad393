"""Who has not bought yet, through the API: the list of the newest analysis, and where one stands now."""

from datetime import date
from uuid import UUID

import pytest

from troth.access.permissions import Permission
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights.prospect_models import Prospect
from troth.kit import clock
from troth.kit.ids import new_id

TODAY = date(2026, 3, 1)


def stands(owner, rung="suspect", reason="need_or_means_not_known", source="form", known_date=TODAY):
    Prospect.objects.create(
        owner_id=owner, run_id=new_id(), as_of_date=TODAY, computed_at=clock.utc_now(), rung=rung, reason=reason,
        source=source, known_date=known_date,
    )  # fmt: skip


def listed(api, **params):
    answer = api.get("/prospects", **params)
    assert answer.status_code == 200, answer.content
    return [UUID(one["customer_id"]) for one in answer.json()["items"]]


def test_they_are_listed_with_rung_and_reason_and_narrowed(api):
    assert api.get("/prospects").json() == {"items": [], "next_cursor": None}
    ann, bo, cy = new_id(), new_id(), new_id()
    stands(ann)
    stands(bo, "prospect", "needs_and_can_pay", "fair", date(2026, 2, 1))
    stands(cy, "disqualified_prospect", "no_need", "fair", date(2026, 1, 1))
    assert listed(api) == [ann, bo, cy]
    (one,) = api.get("/prospects", rung="prospect").json()["items"]
    assert {name: one[name] for name in one if name != "computed_at"} == {
        "customer_id": str(bo), "rung": "prospect", "reason": "needs_and_can_pay", "source": "fair",
        "known_date": "2026-02-01", "as_of_date": "2026-03-01",
    }  # fmt: skip
    assert listed(api, source="fair") == [bo, cy]
    assert listed(api, known_from="2026-02-01") == [ann, bo]
    assert listed(api, known_to="2026-02-01", source="fair", rung="disqualified_prospect") == [cy]


def test_pages_go_on_after_the_last_one_also_within_a_day(api):
    people = [new_id() for _ in range(5)]
    for who in people:
        stands(who)
    first = api.get("/prospects", limit=2).json()
    rest = api.get("/prospects", limit=3, cursor=first["next_cursor"]).json()
    found = [UUID(one["customer_id"]) for one in (*first["items"], *rest["items"])]
    assert (sorted(found), rest["next_cursor"]) == (sorted(people), None)


@pytest.mark.parametrize("wrong", [{"rung": "client"}, {"known_from": "yesterday"}, {"rungs": "prospect"}])
def test_what_cannot_be_asked_is_refused(api, wrong):
    assert api.get("/prospects", **wrong).status_code == 422


def test_where_one_stands_follows_what_is_told_at_once(api, lin):
    address = f"/customers/{lin['id']}/prospect"
    stood = {"customer_id": lin["id"], "rung": "suspect", "reason": "need_or_means_not_known"}
    assert api.get(address).json() == stood
    need = AttributeDefinition.objects.create(code="has_need", label="Needs it", attribute_type="boolean")
    CustomerAttribute.objects.create(
        owner_id=lin["id"], definition=need, updated_at=clock.utc_now(), boolean_value=False
    )
    assert api.get(address).json() == stood | {"rung": "disqualified_prospect", "reason": "no_need"}


def test_whoever_has_an_order_is_none(api, lin, an_order):
    assert api.post("/orders", an_order(lin)).status_code == 201
    answer = api.get(f"/customers/{lin['id']}/prospect")
    assert (answer.status_code, answer.json()["code"]) == (404, "prospect_not_found")


def test_both_need_their_scope(api_with, lin):
    other = api_with(Permission.CUSTOMERS_VIEW)
    for address in ("/prospects", f"/customers/{lin['id']}/prospect"):
        assert other.get(address).status_code == 403
