"""Small companies for tests: customers and orders put straight into the tables."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from troth.activity.models import Order, OrderLine, Return, ServiceCost
from troth.customers.models import Customer
from troth.insights.models import CustomerChurn, CustomerOutlook
from troth.kit.ids import new_id
from troth.staff.models import Company

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def make_company(**fields):
    return Company.objects.create(**({"name": "Test", "currency": "CNY", "time_zone": "Asia/Shanghai"} | fields))


def make_customer(**fields):
    moments = {"created_at": NOW, "updated_at": NOW}
    return Customer.objects.create(**(moments | fields)).id


def make_order(
    customer: UUID,
    day: date,
    amount: str | Decimal = "100",
    *,
    cost: str | None = None,
    categories: tuple[str, ...] = ("tea",),
    at: datetime = NOW,
    **fields,
) -> Order:
    """An order of one line per category, the amount on the first one."""
    net = Decimal(amount)
    order = Order.objects.create(
        **(
            {
                "owner_id": customer,
                "source": "test",
                "external_id": str(new_id()),
                "occurred_at": datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
                "order_date": day,
                "currency": "CNY",
                "net_amount": net,
                "full_price_amount": net,
                "costed_amount": net if cost else 0,
                "cost_amount": Decimal(cost or 0),
                "line_count": len(categories),
                "fingerprint": "x",
                "recorded_at": at,
                "updated_at": at,
            }
            | fields
        )
    )
    make_lines(order, categories, net, cost)
    return order


def make_lines(order: Order, categories: tuple[str, ...], net: Decimal, cost: str | None = None) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            owner_id=order.owner_id,
            order_id=order.id,
            line_no=number,
            sku=f"sku {number}",
            category=category,
            quantity=Decimal(1),
            unit_price=net if number == 1 else Decimal(0),
            net_amount=net if number == 1 else Decimal(0),
            unit_cost=Decimal(cost) if cost and number == 1 else None,
        )
        for number, category in enumerate(categories, 1)
    )


def revise_order(order: Order, amount: str, at: datetime, categories: tuple[str, ...] = ("tea",)) -> None:
    """The order comes again with another amount."""
    order.net_amount = order.full_price_amount = Decimal(amount)
    order.revision += 1
    order.updated_at = at
    order.line_count = len(categories)
    order.save()
    OrderLine.objects.filter(order_id=order.id).delete()
    make_lines(order, categories, order.net_amount)


def make_return(customer: UUID, day: date, amount: str, order: Order | None = None, **fields) -> Return:
    return Return.objects.create(
        **(
            {
                "owner_id": customer,
                "order_id": order.id if order else None,
                "source": "test",
                "external_id": str(new_id()),
                "occurred_at": datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
                "return_date": day,
                "currency": "CNY",
                "net_amount": Decimal(amount),
                "fingerprint": "x",
                "recorded_at": NOW,
                "updated_at": NOW,
            }
            | fields
        )
    )


def make_service_cost(customer: UUID, day: date, amount: str) -> ServiceCost:
    return ServiceCost.objects.create(
        owner_id=customer,
        cost_kind="delivery",
        amount=Decimal(amount),
        currency="CNY",
        cost_date=day,
        recorded_at=NOW,
    )


def make_outlook(customer: UUID, **fields) -> CustomerOutlook:
    """What is expected of a customer: by default one who is here, loyal as far as orders tell, to be thanked."""
    figures = {
        "run_id": new_id(), "as_of_date": date(2026, 3, 1), "computed_at": NOW,
        "probability_alive": Decimal("0.9"), "alive_low": Decimal("0.85"), "alive_high": Decimal("0.93"),
        "expected_purchases": Decimal("12.5"), "made_value": Decimal("321.5"), "potential_value": Decimal("200"),
        "potential_low": Decimal("180"), "potential_high": Decimal("225.25"), "loyalty_index": Decimal("72.4"),
        "loyalty_confidence": Decimal("0.3529"), "behaviour": Decimal("72.4"), "loyalty_type": "true",
        "type_is_assumed": True, "type_confidence": Decimal("0.3"), "quarter": "best", "action": "thank",
        "action_reason": "loyal_and_valuable", "stake": Decimal("200"), "stake_kind": "expected",
        "type_reasons": [
            {"code": "type.behaviour_high", "points": 72.4, "from": 60.0}, {"code": "type.attitude_not_asked"},
            {"code": "type.no_hold_seen"},
        ],
    }  # fmt: skip
    return CustomerOutlook.objects.create(owner_id=customer, **(figures | fields))


def make_churn(customer: UUID, **fields) -> CustomerChurn:
    """A risk of leaving: by default of two in three, for a long silence, and less for few complaints."""
    reasons = [
        {"theme": "rhythm", "feature": "silence_share", "value": 2.5, "typical": 0.6, "points": 1.2},
        {"theme": "complaints", "feature": "complaints", "value": 0.0, "typical": 1.0, "points": -0.4},
    ]
    known = {"run_id": new_id(), "as_of_date": date(2026, 3, 1), "computed_at": NOW, "reasons": reasons}
    known |= {"probability": Decimal("0.6667"), "ahead_days": 30}
    return CustomerChurn.objects.create(owner_id=customer, **(known | fields))
