"""A small random population with awkward values, and what each field is for it, computed in plain Python."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from troth.activity.models import Order, OrderLine, Return, ServiceCost, Visit
from troth.customers import queries as customers
from troth.customers.models import (
    AttributeDefinition,
    Consent,
    Customer,
    CustomerAttribute,
    CustomerTag,
    HouseholdMember,
    Identity,
    Merge,
    Tag,
)
from troth.kit.conditions.checks import LunarDay, fold
from troth.kit.conditions.fields import AsOf
from troth.kit.conditions.tree import Comparison
from troth.kit.ids import new_id
from troth.staff.models import Store

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
ZONE = "Asia/Shanghai"
AS_OF = AsOf(now=NOW, today=TODAY, zone=ZONE, currency="CNY")

CITIES = [
    "",
    "上海",
    "Ålesund",
    "ÅLESUND",
    "New York",
    "new york",
    "100%_sure",
    "O'Fallon",
    "İzmir",
    "straße",
]
BIRTHDAYS = [
    None,
    date(2000, 2, 29),
    date(1990, 3, 1),
    date(1985, 2, 28),
    date(1999, 12, 31),
    date(2026, 3, 2),
    date(1970, 1, 1),
]
CATEGORIES = ["", "Dairy", "dairy", "DÉLI", "déli", "水果", "50% off"]
SHIFTS = [0, 1, 6, 7, 29, 30, 31, 89, 90, 400]
DECOYS: dict[str, Any] = {
    "shoe-size": Decimal(77),
    "skin": "scaly",
    "wedding": date(1999, 9, 9),
    "pets": None,
}


@dataclass
class Person:
    """A customer with the rows that count for it: its own and those of records merged into it."""

    row: Customer
    records: list[UUID]
    tags: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    lines: list[tuple[Order, OrderLine]] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    costs: list[ServiceCost] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    is_in_household: bool = False
    consents: set[str] = field(default_factory=set)


class Population:
    """People of one seed, written to the database."""

    def __init__(self, seed: int, size: int = 30) -> None:
        self.random = random.Random(seed)
        self.stores = [Store.objects.create(code=f"S{number}", name=f"Store {number}") for number in range(3)]
        self.tags = [Tag.objects.create(name=name) for name in ("VIP", "Fragile", "新客")]
        self.definitions = [
            AttributeDefinition.objects.create(code="shoe-size", label="Shoe size", attribute_type="number"),
            AttributeDefinition.objects.create(
                code="skin", label="Skin", attribute_type="choice", choices=["dry", "oily"]
            ),
            AttributeDefinition.objects.create(code="wedding", label="Wedding", attribute_type="date"),
            AttributeDefinition.objects.create(code="pets", label="Pets", attribute_type="boolean"),
        ]
        self.people = [self._person() for _ in range(size)]
        for person in self.people:
            self._save(person)
            person.consents = consents_of(person)

    def _person(self) -> Person:
        pick = self.random.choice
        row = Customer(
            id=new_id(),
            created_at=NOW,
            updated_at=NOW,
            city=pick(CITIES),
            gender=pick(["", "female", "male"]),
            birth_date=pick(BIRTHDAYS),
            is_lunar_birthday=pick([False, False, True]),
            joined_date=self._day(or_none=True),
            customer_kind=pick(["person", "company"]),
            language=pick(["", "en", "zh-hans"]),
        )
        person = Person(row, [row.id])
        for _merged in range(pick([0, 0, 0, 1, 2])):
            person.records.append(new_id())
        self._describe(person)
        for _order in range(pick([0, 0, 1, 2, 5])):
            self._buy(person)
        return person

    def _day(self, *, or_none: bool = False) -> Any:
        if or_none and self.random.random() < 0.2:
            return None
        shift = self.random.choice(SHIFTS) * self.random.choice([1, 1, 1, -1])
        return TODAY - timedelta(days=shift)

    def _moment(self) -> datetime:
        """Return a moment around midnight in the company's zone, where days are easily mistaken."""
        midnight = datetime.combine(self._day(), datetime.min.time(), UTC) - timedelta(hours=8)
        return midnight + timedelta(microseconds=self.random.choice([0, -1, 1, 3_600_000_000]))

    def _describe(self, person: Person) -> None:
        rolls = self.random.random
        person.tags = {str(tag.pk) for tag in self.tags if rolls() < 0.4}
        person.kinds = {kind for kind in ("phone", "email", "card") if rolls() < 0.4}
        person.is_in_household = rolls() < 0.4
        values: dict[str, Any] = {
            "shoe-size": Decimal(self.random.choice(["36", "38.5", "-1", "0"])),
            "skin": self.random.choice(["dry", "oily"]),
            "wedding": self._day(),
            "pets": rolls() < 0.5,
        }
        person.attributes = {code: value for code, value in values.items() if rolls() < 0.6}
        person.visits = [
            Visit(
                id=new_id(),
                owner_id=self._owner(person),
                visit_kind="store",
                occurred_at=self._moment(),
                recorded_at=NOW,
                store=self.random.choice([None, *self.stores]),
            )
            for _ in range(self.random.choice([0, 1, 3]))
        ]
        person.costs = [
            ServiceCost(
                id=new_id(),
                owner_id=self._owner(person),
                cost_kind="call",
                amount=Decimal("2.5"),
                cost_date=self._day(),
                currency=self.random.choice(["CNY", "USD"]),
                recorded_at=NOW,
            )
            for _ in range(self.random.choice([0, 2]))
        ]

    def _owner(self, person: Person) -> UUID:
        return self.random.choice(person.records)

    def _buy(self, person: Person) -> None:
        pick, owner = self.random.choice, self._owner(person)
        day, currency = self._day(), pick(["CNY", "CNY", "USD"])
        lines = [
            OrderLine(
                owner_id=owner,
                line_no=number,
                category=pick(CATEGORIES),
                brand=pick(["", "Acme", "ACME"]),
                sku=pick(["a", "b"]),
                quantity=Decimal(pick(["1", "0.25"])),
                unit_price=Decimal(1),
                net_amount=Decimal(pick(["0", "10.5", "99.9999"])),
            )
            for number in range(1, pick([1, 2, 3]) + 1)
        ]
        total = sum((line.net_amount for line in lines), Decimal(0))
        order = Order(
            id=new_id(),
            owner_id=owner,
            source="s",
            external_id=str(new_id()),
            occurred_at=NOW,
            order_date=day,
            currency=currency,
            net_amount=total,
            full_price_amount=total,
            store=pick([None, *self.stores]),
            channel=pick(["", "Web", "web", "店"]),
            fingerprint="f",
            recorded_at=NOW,
            updated_at=NOW,
        )
        for line in lines:
            line.order_id = order.id
            person.lines.append((order, line))
        person.orders.append(order)
        if pick([True, False, False]):
            person.returns.append(
                Return(
                    id=new_id(),
                    owner_id=self._owner(person),
                    order_id=order.id,
                    source="s",
                    external_id=str(new_id()),
                    occurred_at=NOW,
                    return_date=self._day(),
                    currency=currency,
                    net_amount=Decimal(pick(["5", "200"])),
                    store=order.store,
                    fingerprint="f",
                    recorded_at=NOW,
                    updated_at=NOW,
                )
            )

    def _save(self, person: Person) -> None:
        merged = [
            Customer(id=record, canonical_id=person.row.id, city="elsewhere", created_at=NOW, updated_at=NOW)
            for record in person.records[1:]
        ]
        Customer.objects.bulk_create([person.row, *merged])
        CustomerTag.objects.bulk_create(
            CustomerTag(owner_id=self._owner(person), tag_id=int(tag), created_at=NOW) for tag in person.tags
        )
        Identity.objects.bulk_create(
            Identity(owner_id=self._owner(person), identity_kind=kind, value=str(new_id()), created_at=NOW)
            for kind in person.kinds
        )
        Merge.objects.bulk_create(
            Merge(
                owner_id=person.row.id,
                merged_id=record,
                merged_at=NOW - timedelta(days=self.random.choice([2, 9])),
            )
            for record in person.records[1:]
        )
        if person.is_in_household:
            HouseholdMember.objects.create(owner_id=self._owner(person), household_id=new_id(), joined_at=NOW)
        Consent.objects.bulk_create(self._consent(person) for _ in range(self.random.choice([0, 1, 3, 6])))
        Order.objects.bulk_create(person.orders)
        OrderLine.objects.bulk_create(line for _order, line in person.lines)
        Return.objects.bulk_create(person.returns)
        Visit.objects.bulk_create(person.visits)
        ServiceCost.objects.bulk_create(person.costs)
        self._save_attributes(person)

    def _consent(self, person: Person) -> Consent:
        moment = NOW - timedelta(days=self.random.choice([1, 3, 5, 8, 12]), seconds=self.random.random())
        return Consent(
            owner_id=self._owner(person),
            purpose=self.random.choice(["marketing", "survey"]),
            channel="sms",
            is_given=self.random.random() < 0.6,
            source="till",
            occurred_at=moment,
            recorded_at=moment,
            actor="a",
        )

    def _save_attributes(self, person: Person) -> None:
        columns = {
            "shoe-size": "number_value",
            "skin": "text_value",
            "wedding": "date_value",
            "pets": "boolean_value",
        }
        by_code = {definition.code: definition for definition in self.definitions}
        for code, value in person.attributes.items():
            owner = self._owner(person)
            # Other records' values count neither before the canonical record's nor before a newer one.
            decoys = [record for record in person.records[1:] if record != owner]
            decoyed_at = NOW + timedelta(days=1 if owner == person.row.id else -1)
            CustomerAttribute.objects.bulk_create(
                CustomerAttribute(owner_id=record, definition=by_code[code], updated_at=at, **{columns[code]: value})
                for record, at, value in [
                    (owner, NOW, value),
                    *((one, decoyed_at, DECOYS[code]) for one in decoys),
                ]
            )


def value_of(person: Person, one: Comparison) -> Any:
    """Return what the field is for the person, from plain Python objects."""
    group, name = one.field.split(".")
    if group == "attribute":
        return person.attributes.get(name)
    if group == "orders":
        return _order_value(person, name, one)
    if group == "goods":
        return _goods_value(person, name, one)
    if group == "visits":
        return _visit_value(person, name, one)
    row = person.row
    answers: dict[str, Any] = {
        "kind": row.customer_kind,
        "gender": row.gender or None,
        "birthday": _birthday(row),
        "age": _age(row.birth_date),
        "joined_date": row.joined_date,
        "tags": person.tags,
        "language": row.language or None,
        "source": None,
        "staff_owner": None,
        "in_household": person.is_in_household,
        "country": None,
        "region": None,
        "city": row.city or None,
        "district": None,
        "postcode": None,
        "known_by": person.kinds,
        "consents": person.consents,
    }
    return answers[name]


def consents_of(person: Person) -> set[str]:
    """Return what the 360 shows as given: the rule in plain Python, over acts and merges."""
    states = customers.consents_of(person.row.id)
    return {f"{state.purpose.value}.{state.channel.value}" for state in states if state.is_given}


def _birthday(row: Customer) -> date | None:
    born = row.birth_date
    return LunarDay(born.year, born.month, born.day) if born and row.is_lunar_birthday else born


def _age(born: date | None) -> int | None:
    if born is None or born > TODAY:
        return None
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def _is_in_window(day: date, one: Comparison) -> bool:
    days: Any = one.params.get("days")
    return day <= TODAY and (days is None or (TODAY - day).days < days)


def _is_at_store(store_id: int | None, one: Comparison) -> bool:
    stores: Any = one.params.get("stores")
    return stores is None or str(store_id) in stores


def _is_among(text: str, code: str, one: Comparison) -> bool:
    wanted: Any = one.params.get(code)
    return wanted is None or fold(text) in {fold(each) for each in wanted}


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _order_value(person: Person, name: str, one: Comparison) -> Any:
    orders = [
        order
        for order in person.orders
        if _is_in_window(order.order_date, one)
        and _is_at_store(order.store_id, one)
        and _is_among(order.channel, "channels", one)
    ]
    returns = [
        back for back in person.returns if _is_in_window(back.return_date, one) and _is_at_store(back.store_id, one)
    ]
    days = [order.order_date for order in orders]
    amounts = [order.net_amount for order in orders if order.currency == "CNY"]
    given_back = [back.net_amount for back in returns if back.currency == "CNY"]
    answers: dict[str, Any] = {
        "count": len(orders),
        "spend": _total(amounts) - _total(given_back),
        "average": _mean(amounts),
        "last_date": max(days, default=None),
        "first_date": min(days, default=None),
        "returns": len(returns),
        "stores": {str(order.store_id) for order in orders if order.store_id},
        "channels": {order.channel for order in orders} - {""},
        "months": {f"{day:%Y-%m}" for day in days},
    }
    return answers[name]


def _mean(amounts: list[Decimal]) -> Decimal | None:
    if not amounts:
        return None
    return Decimal(int(_total(amounts) * 10_000) // len(amounts)) / 10_000


def _goods_value(person: Person, name: str, one: Comparison) -> Any:
    lines = [
        (order, line)
        for order, line in person.lines
        if _is_in_window(order.order_date, one)
        and _is_at_store(order.store_id, one)
        and _is_among(line.category, "categories", one)
        and _is_among(line.brand, "brands", one)
        and _is_among(line.sku, "skus", one)
    ]
    answers: dict[str, Any] = {
        "categories": {line.category for _, line in lines} - {""},
        "brands": {line.brand for _, line in lines} - {""},
        "skus": {line.sku for _, line in lines},
        "spend": _total(line.net_amount for order, line in lines if order.currency == "CNY"),
        "quantity": _total(line.quantity for _, line in lines),
        "orders": len({order.id for order, _ in lines}),
        "category_count": len({fold(line.category) for _, line in lines if line.category}),
    }
    return answers[name]


def _visit_value(person: Person, name: str, one: Comparison) -> Any:
    def day(moment: datetime) -> date:
        return (moment + timedelta(hours=8)).date()

    visits = [
        visit
        for visit in person.visits
        if _is_in_window(day(visit.occurred_at), one) and _is_at_store(visit.store_id, one)
    ]
    answers: dict[str, Any] = {
        "count": len(visits),
        "last_at": max((visit.occurred_at for visit in visits), default=None),
        "service_cost": _total(
            cost.amount for cost in person.costs if cost.currency == "CNY" and _is_in_window(cost.cost_date, one)
        ),
    }
    return answers[name]
