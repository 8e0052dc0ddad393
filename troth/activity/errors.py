"""What activity refuses."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class OrderRefusedError(InvalidError):
    """A value of an order breaks its rule."""

    code = "order_refused"


class ReturnRefusedError(InvalidError):
    """A value of a return breaks its rule."""

    code = "return_refused"


class ActivityRefusedError(InvalidError):
    """A visit, an order moment or a cost to serve cannot be stored this way."""

    code = "activity_refused"


class OtherCustomerError(ConflictError):
    """The document is known already, as another customer's."""

    code = "document_of_other_customer"

    def __init__(self, document: str) -> None:
        text = _("%(document)s is stored as another customer's. Merge the two customers if they are one.")
        super().__init__(text % {"document": document}, field="customer", value=document)


class AlreadyReturnedError(ConflictError):
    """More would be returned than was sold."""

    code = "already_returned"


class CustomerUnknownError(InvalidError):
    """There is no such customer."""

    code = "customer_unknown"

    def __init__(self, document: str, customer_id: UUID) -> None:
        text = _("%(document)s: there is no customer %(id)s. Add the customer first.")
        super().__init__(text % {"document": document, "id": customer_id}, field="customer", value=str(customer_id))


class OrderNotFoundError(NotFoundError):
    """No such order."""

    code = "order_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such order."))


class ReturnNotFoundError(NotFoundError):
    """No such return."""

    code = "return_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such return."))


class CostNotFoundError(NotFoundError):
    """No such cost to serve."""

    code = "cost_not_found"

    def __init__(self, cost_id: UUID) -> None:
        super().__init__(_("There is no cost to serve %(id)s.") % {"id": cost_id}, cost=str(cost_id))


class CostCancelledError(ConflictError):
    """The cost to serve is cancelled already, or cancels another one."""

    code = "cost_cancelled"

    def __init__(self, cost_id: UUID) -> None:
        text = _("This cost to serve is cancelled already. Record it anew if it was right.")
        super().__init__(text, cost=str(cost_id))
