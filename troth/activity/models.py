"""What customers did: orders with lines, returns, visits, order moments, and what serving them cost."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.money import MoneyField, QuantityField
from troth.kit.tables import TableKind, classify


class DocumentKey(models.Model):
    """Finds an order or return by the number its source gave it."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id document_kind source external_id document_id owner_id")

    document_kind = models.CharField(max_length=10, choices=[("order", _("Order")), ("return", _("Return"))])
    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    document_id = models.UUIDField()
    owner_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id", "source", "document_kind"], name="document_key_unique")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Order(models.Model):
    """A sale to a customer. Amounts are in `currency`; a changed order raises its revision."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id source external_id occurred_at order_date currency net_amount"
        " full_price_amount costed_amount cost_amount line_count store staff_member_id channel tags"
        " is_history fingerprint import_id revision recorded_at updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    order_date = models.DateField()  # business day in the company's zone when recorded
    currency = models.CharField(max_length=3)
    net_amount = MoneyField()  # after discounts
    full_price_amount = MoneyField()  # before discounts
    costed_amount = MoneyField(default=0)  # part of net_amount whose lines have a known unit cost
    cost_amount = MoneyField(default=0)  # cost of those lines
    line_count = models.PositiveIntegerField(default=0)
    store = models.ForeignKey("staff.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    staff_member_id = models.UUIDField(null=True, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    tags = models.JSONField(default=dict, blank=True)  # payment and other marks of the source, code -> value
    is_history = models.BooleanField(default=True)  # recorded after the fact: earns nothing
    fingerprint = models.CharField(max_length=32)  # hash of the content: tells a repeat from a change
    import_id = models.UUIDField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "-occurred_at"], name="order_owner_occurred"),
            models.Index(fields=["updated_at", "id", "revision"], name="order_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class OrderLine(models.Model):
    """One line of an order. `net_amount` is for the whole quantity; costs and prices are per unit."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id order_id line_no sku name category brand quantity unit_price discount_amount"
        " net_amount unit_cost attributes"
    )

    owner_id = models.UUIDField()
    order_id = models.UUIDField()
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=120, blank=True)
    quantity = QuantityField()
    unit_price = MoneyField()
    discount_amount = MoneyField(default=0)
    net_amount = MoneyField()
    unit_cost = MoneyField(null=True, blank=True)
    attributes = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order_id", "line_no", "owner_id"], name="order_line_once")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.line_no}"


class Return(models.Model):
    """Goods brought back. `net_amount` is the money given back, positive."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id order_id source external_id occurred_at return_date currency net_amount"
        " costed_amount cost_amount line_count store reason is_history fingerprint import_id"
        " revision recorded_at updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    order_id = models.UUIDField(null=True, blank=True, db_index=True)
    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    return_date = models.DateField()
    currency = models.CharField(max_length=3)
    net_amount = MoneyField()
    costed_amount = MoneyField(default=0)
    cost_amount = MoneyField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    store = models.ForeignKey("staff.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=120, blank=True)
    is_history = models.BooleanField(default=True)
    fingerprint = models.CharField(max_length=32)
    import_id = models.UUIDField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "-occurred_at"], name="return_owner_occurred"),
            models.Index(fields=["updated_at", "id", "revision"], name="return_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class ReturnLine(models.Model):
    """One line of a return; `order_line_no` names the line it gives back, where known."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id return_id line_no order_line_no sku name category brand quantity net_amount unit_cost"
    )

    owner_id = models.UUIDField()
    return_id = models.UUIDField()
    line_no = models.PositiveIntegerField()
    order_line_no = models.PositiveIntegerField(null=True, blank=True)
    sku = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=120, blank=True)
    quantity = QuantityField()
    net_amount = MoneyField()
    unit_cost = MoneyField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["return_id", "line_no", "owner_id"], name="return_line_once")]

    def __str__(self) -> str:
        return f"{self.return_id} {self.line_no}"


class Visit(models.Model):
    """The customer came, or we went: to a store, a site, a stand."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id visit_kind store staff_member_id occurred_at recorded_at", personal="note"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    visit_kind = models.CharField(
        max_length=20,
        choices=[
            ("store", _("Store visit")),
            ("site", _("Visit to the customer")),
            ("online", _("Online visit")),
        ],
    )
    store = models.ForeignKey("staff.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    staff_member_id = models.UUIDField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner_id", "-occurred_at"], name="visit_owner_occurred")]

    def __str__(self) -> str:
        return f"{self.visit_kind} {self.owner_id}"


class MomentKind(models.TextChoices):
    """The seven moments of an order."""

    ENQUIRY = "enquiry", pgettext_lazy("moment of an order", "Enquiry")
    ORDER = "order", pgettext_lazy("moment of an order", "Order")
    PAYMENT = "payment", pgettext_lazy("moment of an order", "Payment")
    DISPATCH = "dispatch", pgettext_lazy("moment of an order", "Dispatch")
    RECEIPT = "receipt", pgettext_lazy("moment of an order", "Receipt")
    USE = "use", pgettext_lazy("moment of an order", "Use")
    AFTER_SALES = "after_sales", pgettext_lazy("moment of an order", "After-sales")


class OrderMoment(models.Model):
    """A moment in the life of an order; an enquiry may have no order yet."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id order_id moment occurred_at recorded_at")

    owner_id = models.UUIDField()
    order_id = models.UUIDField(null=True, blank=True)
    moment = models.CharField(max_length=12, choices=MomentKind.choices)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "moment", "occurred_at", "owner_id"], name="moment_once")
        ]
        indexes = [models.Index(fields=["owner_id", "-occurred_at"], name="moment_owner_occurred")]

    def __str__(self) -> str:
        return f"{self.moment} {self.order_id}"


class CancelReason(models.TextChoices):
    """Why a cost to serve does not count any more."""

    WRONG_AMOUNT = "wrong_amount", _("Wrong amount")
    WRONG_CUSTOMER = "wrong_customer", _("Wrong customer")
    ENTERED_TWICE = "entered_twice", _("Entered twice")
    OTHER = "other", _("Other reason")


class ServiceCost(models.Model):
    """What serving a customer cost beyond the goods: delivery, calls, gifts, visits.

    Never changed: a wrong one is cancelled by a counter entry of the same day and kind with the amount negative.
    cancels: the entry that this one counters.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id cost_kind amount currency cost_date recorded_at cancels_id cancel_reason"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    cost_kind = models.CharField(max_length=40)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    cost_date = models.DateField()
    recorded_at = models.DateTimeField()
    cancels_id = models.UUIDField(null=True)
    cancel_reason = models.CharField(max_length=20, blank=True, choices=CancelReason.choices)

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "-cost_date"], name="service_cost_owner"),
            models.Index(fields=["recorded_at", "id"], name="service_cost_recorded"),
        ]
        constraints = [models.UniqueConstraint(fields=["owner_id", "cancels_id"], name="service_cost_cancelled_once")]

    def __str__(self) -> str:
        return f"{self.cost_kind} {self.owner_id}"
