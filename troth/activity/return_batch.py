"""A batch of returns: each is compared with its order, which is locked, and with what came back before."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from troth.customers import queries as customers
from troth.events.services import NewEvent
from troth.kit import clock
from troth.kit.errors import TrothError

from . import queries
from .checks import Checker, check_return, plain, return_name
from .errors import AlreadyReturnedError, OtherCustomerError, ReturnRefusedError
from .models import Order, OrderLine, Return, ReturnLine
from .orders import NewReturn, NewReturnLine, Outcome, Recorded, return_fingerprint, return_totals
from .recording import Batch, Key, claim_keys, refused, stored_keys
from .returned import Returned, returned_of


class ReturnBatch(Batch[NewReturn]):
    """Returns of one transaction."""

    def check(self, document: NewReturn) -> None:
        check_return(document, self.now)

    def name(self, document: NewReturn) -> str:
        return return_name(document.source, document.external_id)

    def fingerprint(self, document: NewReturn) -> str:
        return return_fingerprint(document)

    def repeated(self, document: NewReturn) -> TrothError:
        checker = Checker(ReturnRefusedError, self.name(document))
        return checker.refuse("external_id", "", _("stands twice in this batch, with different content"))

    def store(self, documents: Sequence[NewReturn]) -> list[Recorded]:
        self._load_orders(documents)
        keys = [(new.source, new.external_id) for new in documents]
        known = Return.objects.in_bulk(list(stored_keys("return", keys).values()))
        by_key = {(row.source, row.external_id): row for row in known.values()}
        documents = self._as_owners(documents, by_key)
        results = [self._result(new, by_key.get(key)) for key, new in zip(keys, documents, strict=True)]
        accepted = [new for new, result in zip(documents, results, strict=True) if result is None]
        written = self._write(accepted)
        return [result or written[new.source, new.external_id] for new, result in zip(documents, results, strict=True)]

    def _load_orders(self, documents: Sequence[NewReturn]) -> None:
        """Lock the orders, by id, so that two returns of one order are counted one after the other."""
        order_ids = {new.order_id for new in documents if new.order_id is not None}
        self.orders = Order.objects.select_for_update().order_by("id").in_bulk(list(order_ids))
        self.lines = {
            order_id: {line.line_no: line for line in lines} for order_id, lines in queries.lines_of(order_ids).items()
        }
        self.returned = returned_of(order_ids)

    def _as_owners(self, documents: Sequence[NewReturn], known: dict[Key, Return]) -> list[NewReturn]:
        """Give each return to the record that it or its order belongs to, if it is the same customer."""
        owners: dict[Key, UUID] = {}
        for new in documents:
            row = known.get((new.source, new.external_id)) or self.orders.get(new.order_id or UUID(int=0))
            owners[new.source, new.external_id] = row.owner_id if row else new.customer_id
        standing = customers.canonical_ids({*owners.values(), *(new.customer_id for new in documents)})
        return [self.for_owner(new, owners[new.source, new.external_id], standing) for new in documents]

    def _result(self, new: NewReturn, row: Return | None) -> Recorded | None:
        """Return the result of a return that is known or refused; None for one that is to be written."""
        if row is not None:
            return self._known(new, row)
        try:
            if new.order_id is not None:
                self._check_order(new, new.order_id)
        except TrothError as error:
            return refused(error)
        return None

    def _known(self, new: NewReturn, row: Return) -> Recorded:
        if row.fingerprint == return_fingerprint(new):
            return Recorded(Outcome.UNCHANGED, document_id=row.id, revision=row.revision)
        if row.owner_id != new.customer_id:
            return refused(OtherCustomerError(self.name(new)))
        checker = Checker(ReturnRefusedError, self.name(new))
        return refused(
            checker.refuse("external_id", "", _("is stored with other content; a correction is another return"))
        )

    def _check_order(self, new: NewReturn, order_id: UUID) -> None:
        checker = Checker(ReturnRefusedError, self.name(new))
        order = self.orders.get(order_id)
        if order is None:
            raise checker.refuse("order_id", order_id, _("there is no such order"))
        if order.owner_id != new.customer_id:
            raise OtherCustomerError(self.name(new))
        if order.currency != new.currency:
            raise checker.refuse("currency", new.currency, _("the order was paid in %s") % order.currency)
        if new.occurred_at < order.occurred_at:
            raise checker.refuse("occurred_at", new.occurred_at.isoformat(), _("lies before the order"))
        self._count(new, order, checker)

    def _count(self, new: NewReturn, order: Order, checker: Checker) -> None:
        """Count the return's goods and money against the order's; a refused one is not counted."""
        lines = self.lines.get(order.id, {})
        so_far = self.returned.setdefault(order.id, Returned())
        total = Returned(so_far.quantities.copy(), so_far.net_amount)
        for line in new.lines:
            if line.order_line_no is not None and line.order_line_no not in lines:
                checker.line_no = line.line_no
                raise checker.refuse("order_line_no", line.order_line_no, _("the order has no such line"))
        total.add(new)
        for line_no, quantity in sorted(total.quantities.items()):
            if line_no in lines and quantity > lines[line_no].quantity:
                raise self._too_much(
                    new,
                    _("line %(line)s of the order sold %(sold)s, %(returned)s would come back"),
                    line=line_no,
                    sold=plain(lines[line_no].quantity),
                    returned=plain(quantity),
                )
        if total.net_amount > order.net_amount:
            raise self._too_much(
                new,
                _("the order came to %(sold)s, %(returned)s would be paid back"),
                sold=plain(order.net_amount),
                returned=plain(total.net_amount),
            )
        self.returned[order.id] = total

    def _too_much(self, new: NewReturn, text: str, **figures: object) -> AlreadyReturnedError:
        name = self.name(new)
        return AlreadyReturnedError(f"{name}: {text % figures}", document=name, **figures)

    def _write(self, accepted: Sequence[NewReturn]) -> dict[tuple[str, str], Recorded]:
        ids, new_keys = claim_keys("return", {(new.source, new.external_id): new.customer_id for new in accepted})
        known = {ids[key] for key in ids.keys() - new_keys}  # stored by another call since we looked
        raced = Return.objects.in_bulk(list(known)) if known else {}
        rows: list[Return] = []
        lines: list[ReturnLine] = []
        written: dict[tuple[str, str], Recorded] = {}
        for new in accepted:
            key = (new.source, new.external_id)
            if ids[key] in raced:
                written[key] = self._known(new, raced[ids[key]])
                continue
            rows.append(self._row(ids[key], new))
            lines += self._line_rows(ids[key], new)
            self._note(rows[-1])
            written[key] = Recorded(Outcome.CREATED, document_id=ids[key], revision=1)
        Return.objects.bulk_create(rows)
        ReturnLine.objects.bulk_create(lines)
        return written

    def _row(self, return_id: UUID, new: NewReturn) -> Return:
        totals = return_totals(self._known_goods(new))
        return Return(
            id=return_id,
            owner_id=new.customer_id,
            order_id=new.order_id,
            source=new.source,
            external_id=new.external_id,
            occurred_at=new.occurred_at,
            return_date=clock.business_date(new.occurred_at, self.zone),
            currency=new.currency,
            net_amount=totals.net_amount,
            costed_amount=totals.costed_amount,
            cost_amount=totals.cost_amount,
            line_count=totals.line_count,
            store_id=new.store_id,
            reason=new.reason,
            is_history=new.is_history,
            fingerprint=return_fingerprint(new),
            import_id=new.import_id,
            recorded_at=self.now,
            updated_at=self.now,
        )

    def _line_rows(self, return_id: UUID, new: NewReturn) -> list[ReturnLine]:
        return [
            ReturnLine(
                owner_id=new.customer_id,
                return_id=return_id,
                line_no=line.line_no,
                order_line_no=line.order_line_no,
                sku=line.sku,
                name=line.name,
                category=line.category,
                brand=line.brand,
                quantity=line.quantity,
                net_amount=line.net_amount,
                unit_cost=line.unit_cost,
            )
            for line in self._known_goods(new)
        ]

    def _known_goods(self, new: NewReturn) -> list[NewReturnLine]:
        """Return the lines with what the order knows of the goods where the return does not say it."""
        sold = self.lines.get(new.order_id, {}) if new.order_id is not None else {}
        return [_filled(line, sold.get(line.order_line_no or 0)) for line in new.lines]

    def _note(self, row: Return) -> None:
        data = {
            "return": str(row.id),
            "order": str(row.order_id) if row.order_id else None,
            "amount": f"{row.net_amount:.4f}",
            "currency": row.currency,
            "line_count": row.line_count,
            "is_history": row.is_history,
        }
        self.events.append(NewEvent("activity.return.recorded", row.owner_id, data, occurred_at=row.occurred_at))


def _filled(line: NewReturnLine, sold: OrderLine | None) -> NewReturnLine:
    if sold is None:
        return line
    return replace(
        line,
        sku=line.sku or sold.sku,
        name=line.name or sold.name,
        category=line.category or sold.category,
        brand=line.brand or sold.brand,
        unit_cost=sold.unit_cost if line.unit_cost is None else line.unit_cost,
    )
