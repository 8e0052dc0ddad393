"""Merge links, unmerge takes the link away, and nothing is lost on the way."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from troth.access.actors import system_actor
from troth.customers import hooks, queries, services
from troth.customers.errors import CustomerNotFoundError, IdentityTakenError, MergeRefusedError
from troth.customers.models import (
    Consent,
    Customer,
    CustomerAttribute,
    CustomerTag,
    DuplicateStatus,
    DuplicateSuggestion,
    HouseholdMember,
    Identity,
    Merge,
)
from troth.events.models import Event
from troth.kit.ids import new_id

from .conftest import NOW

LATER = NOW + timedelta(days=10)
ACTOR = system_actor("test")


def everything_of(record_id):
    """Return all rows of one record, as stored; bookkeeping of the link itself left out."""
    rows = [
        model_to_dict(row) | {"id": str(row.pk)}
        for model in (Identity, CustomerAttribute, CustomerTag, Consent, HouseholdMember)
        for row in model.objects.filter(owner_id=record_id).order_by("pk")
    ]
    record = Customer.objects.filter(id=record_id).values().get()
    del record["updated_at"]
    return [record, *rows]


# lesson: a merge drops links
@pytest.mark.slow
def test_a_merge_is_a_link_and_unmerge_restores_both(actor, add_person):
    one = add_person("王小明", phone="13812345678", card="A1", city="上海")
    two = add_person("Wang Xiaoming", email="w@qq.com", card="B2")
    services.add_tag(actor=actor, now=NOW, customer_id=two.id, name="VIP")
    before = everything_of(one.id), everything_of(two.id)

    merge = services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)

    assert queries.customer(two.id).id == one.id
    assert queries.record_ids(two.id) == sorted([one.id, two.id])
    assert [i.value for i in queries.identities_of(one.id)] == ["A1", "B2", "w@qq.com", "+8613812345678"]
    assert queries.customer_by_identity("card", "B2").id == one.id
    assert [tag.name for tag in queries.tags_of(one.id)] == ["VIP"]
    assert everything_of(one.id) == before[0]
    assert everything_of(two.id)[1:] == before[1][1:]

    services.unmerge(actor=actor, now=LATER, merge_id=merge.id)

    assert (everything_of(one.id), everything_of(two.id)) == before
    assert queries.customer_by_identity("card", "B2").id == two.id
    names = list(Event.objects.filter(owner_id=one.id).order_by("id").values_list("name", flat=True))
    assert names[1:] == ["customers.customer.merged", "customers.customer.unmerged"]


# lesson: self-merge deletes the contact
def test_what_cannot_be_merged_is_refused_and_changes_nothing(actor, add_person):
    one, two, three = add_person("A"), add_person("B"), add_person("C")
    firm = add_person("D", customer_kind="company")
    services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)
    before = list(Customer.objects.order_by("id").values())

    refused = [
        (one.id, one.id),  # itself
        (two.id, one.id),  # a circle
        (one.id, two.id),  # again
        (two.id, three.id),  # into a record that is merged
        (three.id, two.id),  # a record that is merged
        (one.id, firm.id),
    ]
    for canonical_id, merged_id in refused:
        with pytest.raises(MergeRefusedError):
            services.merge(actor=actor, now=NOW, canonical_id=canonical_id, merged_id=merged_id)
    with pytest.raises(CustomerNotFoundError):
        services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=new_id())

    assert list(Customer.objects.order_by("id").values()) == before
    assert Merge.objects.count() == 1


@pytest.mark.slow
def test_unmerge_twice_or_below_a_later_merge_is_refused(actor, add_person):
    one, two, three = add_person("A"), add_person("B"), add_person("C")
    inner = services.merge(actor=actor, now=NOW, canonical_id=two.id, merged_id=three.id)
    outer = services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)
    assert queries.customer(three.id).id == one.id

    with pytest.raises(MergeRefusedError):
        services.unmerge(actor=actor, now=LATER, merge_id=inner.id)
    services.unmerge(actor=actor, now=LATER, merge_id=outer.id)
    assert queries.customer(three.id).id == two.id
    services.unmerge(actor=actor, now=LATER, merge_id=inner.id)
    assert queries.customer(three.id).id == three.id
    with pytest.raises(MergeRefusedError):
        services.unmerge(actor=actor, now=LATER, merge_id=inner.id)


def test_what_is_written_after_a_merge_belongs_to_the_canonical_record(actor, add_person):
    one, two = add_person("A"), add_person("B", phone="13812345678")
    merge = services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)

    services.update_customer(actor=actor, now=LATER, customer_id=two.id, city="Lund")
    services.add_identity(actor=actor, now=LATER, customer_id=two.id, kind="card", value="C3")
    services.unmerge(actor=actor, now=LATER, merge_id=merge.id)

    assert (queries.customer(one.id).city, queries.customer(two.id).city) == ("Lund", "")
    assert [i.value for i in queries.identities_of(one.id)] == ["C3"]
    with pytest.raises(IdentityTakenError):
        services.add_identity(actor=actor, now=LATER, customer_id=one.id, kind="phone", value="13812345678")


def test_the_steps_of_other_modules_run_and_get_their_journal_back(actor, add_person, monkeypatch):
    seen = []
    step = hooks.MergeStep(
        name="balances",
        merge=lambda canonical, merged, actor, now: {"moved": 17},
        unmerge=lambda canonical, merged, journal, actor, now: seen.append((canonical, merged, journal)),
    )
    monkeypatch.setattr(hooks, "_merge_steps", {"balances": step})
    one, two = add_person("A"), add_person("B")

    merge = services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)
    services.unmerge(actor=actor, now=LATER, merge_id=merge.id)

    assert seen == [(one.id, two.id, {"moved": 17})]


def test_a_failing_step_undoes_the_whole_merge(actor, add_person, monkeypatch):
    def fail(canonical, merged, actor, now):
        raise RuntimeError("no")

    monkeypatch.setattr(hooks, "_merge_steps", {"x": hooks.MergeStep("x", merge=fail, unmerge=lambda *given: None)})
    one, two = add_person("A"), add_person("B")
    with pytest.raises(RuntimeError):
        services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)
    assert queries.customer(two.id).id == two.id
    assert not Merge.objects.exists()


def test_merging_decides_the_suspicion_and_unmerging_remembers_that_they_are_two(actor, add_person):
    one, two = add_person("A"), add_person("B")
    services.suggest_duplicate(one.id, two.id, identity_kind="phone", now=NOW)
    merge = services.merge(actor=actor, now=NOW, canonical_id=one.id, merged_id=two.id)
    assert DuplicateSuggestion.objects.get().status == DuplicateStatus.MERGED
    services.unmerge(actor=actor, now=LATER, merge_id=merge.id)
    assert DuplicateSuggestion.objects.get().status == DuplicateStatus.DISTINCT
    assert not queries.open_duplicates().exists()


def refused(record_id):
    return [state for state in queries.consents_of(record_id) if not state.is_given]


CHANNELS = st.sampled_from(["email", "sms"])


class MergeMachine(RuleBasedStateMachine):
    """Customers are added, consent, are merged and unmerged in any order; a plain model says what must hold."""

    @initialize()
    def start(self):
        self.ticks = count(1)
        self.records = [self._new() for _ in range(3)]
        self.merges = []
        self.snapshots = {}

    def _now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(self.ticks))

    def _new(self):
        number = Customer.objects.count() + 1
        card = services.NewIdentity("card", f"CARD{number}")
        return services.create_customer(actor=ACTOR, now=self._now(), name=f"P{number}", identities=[card]).id

    def _root(self, record):
        parents = {merged: canonical for _merge, canonical, merged in self.merges}
        while record in parents:
            record = parents[record]
        return record

    @rule()
    def add(self):
        if len(self.records) < 6:
            self.records.append(self._new())

    @rule(data=st.data(), channel=CHANNELS, is_given=st.booleans())
    def consent(self, data, channel, is_given):
        services.record_consent(
            actor=ACTOR,
            now=self._now(),
            customer_id=data.draw(st.sampled_from(self.records)),
            purpose="marketing",
            channel=channel,
            is_given=is_given,
            source="till",
            proof="form 1",
        )
        self.snapshots.clear()  # what was written since a merge stays where it is

    @rule(data=st.data())
    def merge(self, data):
        one, two = data.draw(st.sampled_from(self.records)), data.draw(st.sampled_from(self.records))
        before = {record: everything_of(record) for record in self.records}
        refusals = {state.channel for record in (one, two) for state in refused(record)}
        if one == two or self._root(one) != one or self._root(two) != two:
            with pytest.raises(MergeRefusedError):
                services.merge(actor=ACTOR, now=self._now(), canonical_id=one, merged_id=two)
            assert {record: everything_of(record) for record in self.records} == before
            return
        made = services.merge(actor=ACTOR, now=self._now(), canonical_id=one, merged_id=two)
        self.merges.append((made.id, one, two))
        self.snapshots[made.id] = before
        assert {state.channel for state in refused(one)} == refusals

    @precondition(lambda self: self.merges)
    @rule(data=st.data())
    def unmerge(self, data):
        made, canonical, merged = data.draw(st.sampled_from(self.merges))
        if self._root(canonical) != canonical:
            with pytest.raises(MergeRefusedError):
                services.unmerge(actor=ACTOR, now=self._now(), merge_id=made)
            return
        is_last = self.merges[-1][0] == made
        services.unmerge(actor=ACTOR, now=self._now(), merge_id=made)
        self.merges.remove((made, canonical, merged))
        snapshot = self.snapshots.pop(made, None)
        if is_last and snapshot and all(record in snapshot for record in self.records):
            assert {record: everything_of(record) for record in self.records} == snapshot
        elif not is_last:
            self.snapshots.clear()

    @invariant()
    def every_record_and_card_leads_to_its_root(self):
        for record in getattr(self, "records", []):
            root = self._root(record)
            assert queries.customer(record).id == root
            card = Identity.objects.get(owner_id=record, identity_kind="card")
            assert queries.customer_by_identity("card", card.value).id == root
            assert set(queries.record_ids(record)) == {r for r in self.records if self._root(r) == root}


@pytest.mark.hypothesis
@pytest.mark.slow
def test_any_order_of_merging_and_unmerging_keeps_what_must_hold(db):
    many = settings(max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(MergeMachine, settings=many)
