import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.value import influence
from troth.value.errors import FactsError, TermsError


def credits_of(money, links, **more):
    customers = pl.DataFrame({"customer_id": list(money), "profit": [float(one) for one in money.values()]})
    referrals = pl.DataFrame(links, schema={"customer_id": pl.String, "referred_by": pl.String}, orient="row")
    return {row.pop("customer_id"): row for row in influence(customers, referrals, **more).to_dicts()}


def test_a_chain_is_credited_half_by_half_and_the_first_keeps_the_rest():
    # a brought b, b brought c, c brought d, who is worth 80.
    found = credits_of({"a": 5, "b": 0, "c": 0, "d": 80}, [("b", "a"), ("c", "b"), ("d", "c")])
    assert {one: row["influence_value"] for one, row in found.items()} == {"a": 20, "b": 20, "c": 40, "d": 0}
    assert [found["a"][name] for name in ("referred", "reach", "deepest", "reach_value")] == [1, 3, 3, 80]


def test_with_nothing_passed_on_the_introducer_has_it_all():
    found = credits_of({"a": 0, "b": 10, "c": 30}, [("b", "a"), ("c", "b")], passed_on=0)
    assert (found["a"]["influence_value"], found["b"]["influence_value"]) == (10, 30)


def test_the_design_studio_is_credited_with_what_its_referrals_spent():
    spent = (0, 800, 1550, 3050, 2700)
    money = {"studio": 5100.0} | {f"friend {year}": float(one) for year, one in enumerate(spent)}
    found = credits_of(money, [(one, "studio") for one in money if one != "studio"])
    assert found["studio"]["influence_value"] == 8100
    assert found["studio"]["referred"] == 5


def test_an_introducer_who_is_no_customer_is_credited_too():
    found = credits_of({"b": 10}, [("b", "teacher")])
    assert found["teacher"]["influence_value"] == 10


def test_a_loss_is_credited_as_a_loss():
    assert credits_of({"a": 0, "b": -10}, [("b", "a")])["a"]["influence_value"] == -10


def test_nobody_brought_nobody():
    assert credits_of({"a": 10}, [])["a"] == {
        "referred": 0, "reach": 0, "deepest": 0, "influence_value": 0, "reach_value": 0,
    }  # fmt: skip


@pytest.mark.slow
@given(
    money=st.lists(st.integers(-1000, 1000), min_size=1, max_size=30),
    above=st.lists(st.integers(-1, 28), min_size=30, max_size=30),
    passed_on=st.sampled_from([0, 0.25, 0.5, 0.9]),
)
def test_the_whole_is_credited_and_credited_once(money, above, passed_on):
    links = [(str(one), str(above[one])) for one in range(len(money)) if 0 <= above[one] < one]
    found = credits_of({str(one): amount for one, amount in enumerate(money)}, links, passed_on=passed_on)
    brought = {one for one, _by in links}
    assert sum(row["influence_value"] for row in found.values()) == pytest.approx(
        sum(money[int(one)] for one in brought)
    )
    assert sum(row["referred"] for row in found.values()) == len(links)


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ([("a", "b"), ("b", "a")], "by himself"),
        ([("a", "a")], "by himself"),
        ([("a", "b"), ("a", "c")], "stands twice"),
        ([("z", "a")], "'z' was brought"),
    ],
)
def test_links_that_cannot_be_are_refused_by_name(links, said):
    with pytest.raises(FactsError, match=said):
        credits_of({"a": 1, "b": 1, "c": 1}, links)


def test_shares_and_money_must_be_sound():
    with pytest.raises(TermsError, match="passed_on"):
        credits_of({"a": 1}, [], passed_on=1)
    with pytest.raises(TermsError, match="profit"):
        credits_of({"a": float("nan")}, [])
