"""What must hold of orders and returns."""

from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from troth.customers.proofs import count_strangers
from troth.kit.proofs import Proof

from .models import DocumentKey, Order, OrderLine, Return, ReturnLine


def _lines_disagree(documents: QuerySet[Any], lines: QuerySet[Any], key: str) -> int:
    """Count documents whose amount or number of lines is not that of their lines."""
    own = lines.filter(**{key: OuterRef("id")}).order_by().values(key)
    amount = own.annotate(sum=Cast(Sum("net_amount"), BigIntegerField())).values("sum")
    number = own.annotate(number=Count("*")).values("number")
    judged = documents.annotate(
        lines_amount=Coalesce(Subquery(amount), 0, output_field=BigIntegerField()),
        lines_number=Coalesce(Subquery(number), 0, output_field=BigIntegerField()),
        own_amount=Cast("net_amount", BigIntegerField()),
    )
    return int(judged.exclude(own_amount=F("lines_amount"), line_count=F("lines_number")).count())


def _keys_astray() -> int:
    """Count documents that their number does not lead to, or leads to under another owner."""
    astray = 0
    for kind, model in (("order", Order), ("return", Return)):
        # By the number first: that is what the directory is indexed by.
        number = {"external_id": OuterRef("external_id"), "source": OuterRef("source"), "document_kind": kind}
        keys = DocumentKey.objects.filter(**number, document_id=OuterRef("id"), owner_id=OuterRef("owner_id"))
        astray += model._default_manager.filter(~Exists(keys)).count()
    return astray


PROOFS = (
    Proof(
        "activity.order_lines",
        _("Each order's amount and number of lines are those of its lines."),
        lambda: _lines_disagree(Order.objects.all(), OrderLine.objects.all(), "order_id"),
    ),
    Proof(
        "activity.return_lines",
        _("Each return's amount and number of lines are those of its lines."),
        lambda: _lines_disagree(Return.objects.all(), ReturnLine.objects.all(), "return_id"),
    ),
    Proof(
        "activity.owners",
        _("Every order and return belongs to a customer who exists."),
        lambda: count_strangers(Order, Return),
    ),
    Proof("activity.keys", _("Every order and return is found by the number its source gave it."), _keys_astray),
)
