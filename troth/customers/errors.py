"""What customers refuses."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.access.permissions import Permission
from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class CustomerNotFoundError(NotFoundError):
    """No such customer."""

    code = "customer_not_found"

    def __init__(self, customer_id: UUID | str) -> None:
        super().__init__(_("There is no customer %(id)s.") % {"id": customer_id}, customer=str(customer_id))


class CustomerRefusedError(InvalidError):
    """A field of a customer breaks its rule."""

    code = "customer_refused"


class CustomerChangedError(ConflictError):
    """Somebody else changed the customer meanwhile."""

    code = "customer_changed"


class CustomerErasedError(ConflictError):
    """The customer's personal data were erased; nothing may be added again."""

    code = "customer_erased"

    def __init__(self, customer_id: UUID) -> None:
        message = _("The data of customer %(id)s were erased on request; make a new customer instead.")
        super().__init__(message % {"id": customer_id}, customer=str(customer_id))


class IdentityRefusedError(InvalidError):
    """A phone number, e-mail address, card or id cannot be read."""

    code = "identity_refused"


class IdentityTakenError(ConflictError):
    """Another customer holds the phone number, e-mail address, card or id."""

    code = "identity_taken"


class AttributeRefusedError(InvalidError):
    """An attribute does not exist or its value breaks its type."""

    code = "attribute_refused"


class HouseholdNotFoundError(NotFoundError):
    """No such household, or the customer belongs to none."""

    code = "household_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such household."))


class HouseholdRefusedError(ConflictError):
    """A customer cannot join or leave the household."""

    code = "household_refused"


class MergeRefusedError(ConflictError):
    """Two records cannot be merged, or a merge cannot be undone."""

    code = "merge_refused"


class DuplicateRefusedError(ConflictError):
    """A suspicion was decided already, or does not exist."""

    code = "duplicate_refused"


class FilterPersonalError(ForbiddenError):
    """A list is narrowed by personal data, for somebody who may not see them."""

    code = "filter_personal"

    def __init__(self, field: str) -> None:
        permission = Permission.CUSTOMERS_VIEW_PERSONAL
        text = _("Narrowing by “%(field)s” needs the permission “%(label)s” (%(code)s): it is personal data.")
        names = {"field": field, "label": permission.label, "code": permission.value}
        super().__init__(text % names, field=field, permission=permission.value)
