"""Any sequence of operations: the ledger answers what the plain one answers, and every proof holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from troth.access.actors import system_actor
from troth.kit.ids import new_id
from troth.ledger import groups, queries, services
from troth.ledger import operations as ops
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Owner, Reason
from troth.ledger.proofs import prove
from troth.ledger.tests.plain import PlainLedger, Refused

PHASES = [phase for phase in Phase if phase is not Phase.explain]  # explaining a failure takes minutes
PARTS = 3
MOMENTS = 2  # of each sequence that are asked again
START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
NAMES = ("anna", "bo", "carl")
KINDS = (
    "earn", "earn", "earn", "spend", "spend", "hold", "capture", "release", "expire", "adjust", "transfer", "reverse",
    "reverse", "activate", "again",
)  # fmt: skip

draft = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "owner": st.sampled_from(NAMES),
        "to": st.sampled_from(NAMES),
        "amount": st.integers(1, 60),
        "is_whole": st.booleans(),
        "is_down": st.booleans(),
        "wait": st.sampled_from((None, None, None, -1, 3)),
        "which": st.integers(0, 30),
        "late_hours": st.sampled_from((0, 0, 0, 0, 5, 50)),
    }
)


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now, self.number = START, 0
        self.keys: list = []
        self.then: list = []
        self.answers: list = []
        self.ids = {name: new_id() for name in NAMES}
        self.names = {owner_id: name for name, owner_id in self.ids.items()}
        self.merged: tuple[str, ...] = ()
        self.is_late = False
        groups._resolvers["machine"] = self.resolve
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        try:
            self.check_proofs()
            self.check_the_past()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            groups._resolvers.pop("machine")

    def resolve(self, owner_ids):
        group = tuple(self.ids[name] for name in self.merged)
        return {owner_id: group for owner_id in owner_ids if owner_id in group}

    @initialize(
        shortfall=st.sampled_from(("refuse", "arrears", "arrears", "write_off")),
        limit=st.sampled_from((None, 40)),
        takes_other_lots=st.booleans(),
        grace_days=st.sampled_from((0, 2)),
        expiry=st.sampled_from((("never", 0), ("days", 10), ("inactivity", 4))),
    )
    def open(self, shortfall, limit, takes_other_lots, grace_days, expiry):
        kind, count = expiry
        rules = CurrencyRules(
            name="Points",
            shortfall=shortfall,
            arrears_limit=limit,
            takes_other_lots=takes_other_lots,
            grace_days=grace_days,
            expiry_kind=kind,
            expiry_count=count,
            transfer_rule="anyone",
        )
        services.create_currency(actor=system_actor("test"), now=START, code="points", rules=rules)
        self.plain = PlainLedger(
            shortfall=shortfall,
            limit=limit,
            takes_other_lots=takes_other_lots,
            grace_days=grace_days,
            idle_days=count if kind == "inactivity" else None,
            lasts_days=count if kind == "days" else None,
        )

    @rule(
        drafts=st.lists(draft, min_size=1, max_size=5),
        hours=st.integers(1, 60),
        merged=st.sampled_from((None, None, None, None, (), ("anna", "bo"))),
    )
    def post(self, drafts, hours, merged):
        """Post a batch; sometimes two of the customers turn out to be one, or two again, just before."""
        if merged is not None:
            self.merged = merged
            self.plain.groups = dict.fromkeys(merged, merged)
        self.now += timedelta(hours=hours)
        wanted = [self.drafted(one) for one in drafts]
        answers = services.post([operation for operation, _plain in wanted], actor=system_actor("test"), now=self.now)
        self.answers += answers
        owners = [name for _one, plain in wanted for name in (plain["owner"], plain.get("to")) if name]
        self.plain.begin(owners, self.now)
        for answer, (operation, plain) in zip(answers, wanted, strict=True):
            expected = self.expected(plain)
            if "refused" in expected:
                assert answer.is_refused, (operation, expected, answer)
                assert answer.error.code == expected["refused"], (operation, answer.error)
            else:
                assert not answer.is_refused, (operation, answer.error, expected)
                assert {name: getattr(answer, name) for name in expected} == expected, operation
        self.plain.finish()
        self.then.append((self.now, {name: self.plain.balance(name) for name in NAMES}, self.merged))

    def expected(self, plain):
        try:
            return self.plain.post(now=self.now, **plain)
        except Refused as refusal:
            return {"refused": str(refusal)}

    def drafted(self, one):
        """Return the operation, and the same in the words of the plain ledger."""
        kind = one["kind"]
        if kind == "again" and self.keys:
            operation, plain = self.keys[one["which"] % len(self.keys)]
            return operation, plain
        kind = "earn" if kind == "again" else kind
        at = self.now - timedelta(hours=one["late_hours"])
        self.is_late = self.is_late or bool(one["late_hours"])
        self.number += 1
        key = f"key-{self.number}"
        values, given = self.values(kind, one, at)
        operation = getattr(ops, {"hold": "HoldPoints"}.get(kind, kind.title()))(
            key=key,
            owner=Owner("customer", self.ids[one["owner"]]),
            currency="points",
            occurred_at=at,
            reason=Reason("test"),
            **given,
        )
        plain = {"kind": kind, "owner": one["owner"], "key": key, "at": at, **values}
        self.keys.append((operation, plain))
        return operation, plain

    def values(self, kind, one, at):
        """Return the values for the plain ledger, and those for the real one."""
        amount = {"amount": one["amount"]}
        of = {"of": f"key-{one['which'] % self.number + 1}"}
        part = {**of, "amount": None if one["is_whole"] else one["amount"]}
        signed = {"amount": -one["amount"] if one["is_down"] else one["amount"]}
        days = {-1: {"awaits_event": "delivered"}, 3: {"activates_at": at + timedelta(days=3)}}.get(one["wait"], {})
        to = Owner("customer", self.ids[one["to"]])
        return {
            "earn": ({**amount, "wait": one["wait"]}, amount | days),
            "spend": (amount, amount),
            "adjust": (signed, signed),
            "hold": (amount, {**amount, "expires_at": at + timedelta(days=2)}),
            "transfer": ({**amount, "to": one["to"]}, {**amount, "to": to}),
            "capture": (part, part),
            "reverse": (part, part),
            "release": (of, of),
            "activate": (of, of),
            "expire": ({}, {}),
        }[kind]

    @invariant()
    def balances_agree(self):
        if not hasattr(self, "plain"):
            return
        found = queries.balances(self.names, "points", now=self.now)
        for owner_id, name in self.names.items():
            expected = self.plain.state(name, self.now)
            assert {field: getattr(found[owner_id], field) for field in expected} == expected, name

    def check_proofs(self):
        assert [(verdict.proof.code, verdict.first) for verdict in prove(self.now) if not verdict.holds] == []

    def check_the_past(self):
        """What was recorded at any moment can be asked again; by occurrence too, where nothing came late."""
        for moment, balances, merged in self.then[:: max(1, len(self.then) // MOMENTS)]:
            self.merged = merged
            for name, expected in balances.items():
                assert queries.balance_as_of(self.ids[name], "points", recorded=moment).balance == expected
                if not self.is_late:
                    assert queries.balance_as_of(self.ids[name], "points", occurred=moment).balance == expected


def run(machine: type[Ledger], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )


@pytest.mark.hypothesis
@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_thousands_of_batches(part):
    """Of one to five operations each, on either database; in parts, for several workers."""
    is_always_the_same = settings().derandomize  # then every part would draw what the first one draws
    run(seed(part)(type("Part", (Ledger,), {})) if is_always_the_same else Ledger, 15, 50)
