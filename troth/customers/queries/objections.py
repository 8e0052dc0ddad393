"""Who objected to something, or was erased: few people, looked for among all."""

from uuid import UUID

from django.db.models import QuerySet

from ..models import Consent, ConsentChannel, ConsentPurpose, Customer
from .contacting import contactables
from .people import record_groups


def offers_refused() -> QuerySet[Consent]:
    """Return every act of refusing or withdrawing consent to offers and news, by any channel."""
    return Consent.objects.filter(purpose=ConsentPurpose.MARKETING, is_given=False)


def erased() -> QuerySet[Customer, UUID]:
    """Return the ids of the records whose person was erased."""
    return Customer.objects.filter(erased_at__isnull=False).values_list("id", flat=True)


def objecting(purpose: str) -> frozenset[UUID]:
    """Return the canonical ids of customers who refuse a purpose now, by any channel.

    Of `profiling`: who must not be scored (GDPR 21, PIPL 24). Of `automated`: about whom no program decides alone
    (GDPR 22, PIPL 24). Whoever was never asked does not object.
    """
    acts = Consent.objects.filter(purpose=purpose, channel=ConsentChannel.ANY, is_given=False)
    groups = record_groups(set(acts.values_list("owner_id", flat=True)))
    canonical = {group[0] for group in groups.values()}
    people = contactables(canonical, purposes=[purpose], kinds=[])
    key = (str(purpose), ConsentChannel.ANY.value)
    return frozenset(owner for owner, one in people.items() if key in one.consents and not one.consents[key].is_given)
