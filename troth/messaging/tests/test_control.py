"""Control groups: the same people by chance, no offer to them, everything else; and every gate has its words."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.utils import translation

from troth.messaging import control_gate, gates
from troth.messaging import services as messaging
from troth.messaging.errors import PolicyRefusedError
from troth.messaging.intents import Outcome, Result, Verdict
from troth.messaging.policies import Terms, from_json, to_json
from troth.messaging.policy_versions import in_force

from .conftest import NOW, said

pytestmark = pytest.mark.django_db

EVERYBODY = [UUID(int=number) for number in range(10_000)]


def govern(actor, **changes):
    version, terms = in_force()
    messaging.save_policy(terms=replace(terms, **changes), note="", expected_version=version, actor=actor, now=NOW)


@pytest.fixture
def of_half(actor, monkeypatch):
    """Half of the customers get nothing; who is in the half is set by hand."""
    chosen: set[UUID] = set()
    monkeypatch.setattr(control_gate, "_is_kept_out", lambda customer_id, terms, group, percent: customer_id in chosen)
    return chosen


def test_who_is_kept_out_gets_no_offer_and_every_service(add_person, intend, send, actor, of_half):
    govern(actor, control_percent=50)
    ann, ben = add_person(), add_person()
    of_half.add(ann.id)
    offer = send(intend(ann))
    assert (offer.outcome, said(offer)["control_group"]) == (
        Outcome.WITHHELD,
        ("stop", {"percent": 50, "group": ""}),
    )
    assert send(intend(ann, "k2", purpose="service")).outcome is Outcome.QUEUED
    assert send(intend(ben, "k3")).outcome is Outcome.QUEUED


def test_one_journey_can_keep_some_out_of_its_own(add_person, intend, send, actor, of_half):
    govern(actor, control_groups={"birthday": 10})
    ann = add_person()
    of_half.add(ann.id)
    assert said(send(intend(ann, group="birthday")))["control_group"] == ("stop", {"percent": 10, "group": "birthday"})
    assert said(send(intend(ann, "k2", group="welcome")))["control_group"][0] == "pass"


def controls_among(customer_ids, terms, *, group=""):
    percent = terms.control_groups.get(group, 0) if group else terms.control_percent
    return {one for one in customer_ids if control_gate.is_kept_out(one, terms, percent=percent, group=group)}


@pytest.mark.slow
def test_chance_is_even_and_says_the_same_every_day():
    terms = Terms(control_percent=10, control_groups={"birthday": 10})
    found = controls_among(EVERYBODY, terms)
    assert 900 < len(found) < 1_100
    assert found == controls_among(EVERYBODY, terms)
    assert found < controls_among(EVERYBODY, replace(terms, control_percent=20))
    others = controls_among(EVERYBODY, terms, group="birthday")
    assert 60 < len(found & others) < 140  # drawn independently: about one in a hundred is in both
    assert found != controls_among(EVERYBODY, replace(terms, control_draw="2"))


def test_without_a_share_nobody_is_kept_out():
    assert controls_among(EVERYBODY, Terms()) == set()


@pytest.mark.parametrize(
    "wrong",
    [{"control_percent": 51}, {"control_percent": -1}, {"control_groups": {"x": 0}}, {"control_groups": {"": 5}}],
)
def test_shares_outside_their_limits_are_refused(actor, wrong):
    with pytest.raises(PolicyRefusedError):
        govern(actor, **wrong)
    assert in_force()[0] == 0


def test_rules_of_an_earlier_version_have_no_control_group():
    stored = {name: value for name, value in to_json(Terms()).items() if not name.startswith("control")}
    assert from_json(stored) == Terms()


SPOKEN = {
    "control_group": {"percent": 5, "group": ""},
    "fresh_detractor": {"kind": "nps", "score": 2, "until": "2026-03-20T00:00:00+00:00"},
    "open_complaint": {"case": "2611-123456"},
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_registered_gate_has_words_in_both_languages(language):
    for gate in gates.registered():
        for result in (Result.PASS, Result.STOP):
            assert gate.explain is not None, gate.code
            with translation.override(language):
                sentence = gate.explain(Verdict(gate.code, result, SPOKEN.get(gate.code, {})))
                label = str(gate.label)
            is_chinese = any("\u4e00" <= sign <= "\u9fff" for sign in sentence)
            assert sentence.strip(), gate.code
            assert is_chinese == (language == "zh-hans"), (gate.code, sentence)
            assert label.strip(), gate.code
