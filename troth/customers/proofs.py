"""What must hold of customer records."""

from django.db.models import Exists, Model, OuterRef
from django.utils.translation import gettext_lazy as _

from troth.kit.proofs import Proof

from .models import Consent, Customer, CustomerAttribute, CustomerTag, HouseholdMember, Identity

OWNED: tuple[type[Model], ...] = (Identity, CustomerAttribute, CustomerTag, Consent, HouseholdMember)


def _links_to_links() -> int:
    """Count merged records whose link does not lead to a record that stands for itself."""
    canonical = Customer.objects.filter(id=OuterRef("canonical_id"), canonical_id__isnull=True)
    return Customer.objects.filter(~Exists(canonical), canonical_id__isnull=False).count()


def count_strangers(*models: type[Model]) -> int:
    """Count rows with an `owner_id` that is no customer's, over these tables."""
    known = Customer.objects.filter(id=OuterRef("owner_id"))
    return sum(model._default_manager.filter(~Exists(known)).count() for model in models)


PROOFS = (
    Proof("customers.links", _("Every merged record leads to one that stands for itself."), _links_to_links),
    Proof(
        "customers.owners",
        _("Every identity, attribute, tag and consent has its customer."),
        lambda: count_strangers(*OWNED),
    ),
)
