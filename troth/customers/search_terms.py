"""The words by whose beginning a customer is found, the same for one record and for a million."""

from uuid import UUID

from .matching.names import fold, has_han, name_forms, pinyin, surname_pinyin
from .models import Customer, SearchTerm

MAX_TERM = 100


def sort_key(customer: Customer) -> str:
    """Return the name in Latin letters, family name first: lists in Chinese are sorted by it too."""
    if customer.customer_kind == "company":
        return pinyin(fold(customer.name))[:300]
    forms = name_forms(customer.name, customer.family_name, customer.given_name)
    return (forms.latin or fold(customer.name))[:300]


def terms_of(customer: Customer) -> set[str]:
    """Return the search words of one customer's name; empty without a name."""
    name = _squeezed(fold(customer.name))
    if not name:
        return set()
    if customer.customer_kind == "company":
        words = {name, pinyin(name), _initials(name)} if has_han(name) else {name, *fold(customer.name).split()}
    else:
        words = _person_terms(customer) | {name}
    return {word[:MAX_TERM] for word in words if word}


def query_words(text: str) -> list[str]:
    """Return the words of a search in the form of the terms: folded, without signs."""
    folded = fold(text)
    return [word for word in (_squeezed(part) for part in folded.split()) if word]


def rows_of(customer: Customer) -> list[SearchTerm]:
    """Return the rows to store for one customer."""
    return [SearchTerm(owner_id=customer.id, term=term) for term in sorted(terms_of(customer))]


def replace(customer: Customer) -> None:
    """Store the search words of one customer anew."""
    SearchTerm.objects.filter(owner_id=customer.id).delete()
    SearchTerm.objects.bulk_create(rows_of(customer))


def remove(owner_ids: list[UUID]) -> None:
    """Forget the search words of these customers."""
    SearchTerm.objects.filter(owner_id__in=owner_ids).delete()


def _person_terms(customer: Customer) -> set[str]:
    forms = name_forms(customer.name, customer.family_name, customer.given_name)
    if not forms.is_han:
        written = [_squeezed(part) for part in fold(customer.name).split()]
        return {forms.full, f"{forms.family}{forms.given}", forms.family, *written}
    family, given = surname_pinyin(forms.family), pinyin(forms.given)
    initials = family[:1] + _initials(forms.given)
    return {forms.full, forms.given, f"{family}{given}", given, initials, f"{given}{family}"}


def _initials(han: str) -> str:
    return "".join(pinyin(character)[:1] for character in han)


def _squeezed(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
