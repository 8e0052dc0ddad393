"""What customers contribute to the condition language: the subject itself, and the facts of the person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from troth.kit import regions
from troth.kit.conditions import catalogue
from troth.kit.conditions.expressions import DayNumber
from troth.kit.conditions.fields import (
    AsOf,
    Choice,
    Column,
    Field,
    Group,
    Members,
    Rows,
    Rowset,
    SideTable,
    Suggest,
    ValueType,
)
from troth.kit.conditions.tree import Params
from troth.kit.languages import in_language
from troth.staff import queries as staff

from .models import (
    AttributeDefinition,
    AttributeType,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Customer,
    CustomerAttribute,
    CustomerKind,
    CustomerTag,
    HouseholdMember,
    Identity,
    IdentityKind,
    Merge,
    Tag,
)

SUBJECT = "customer"
PERSON = Group("customer", _("Person"), order=10)
ADDRESS = Group("address", _("Address"), order=12)
CONTACT = Group("contact", _("Contact and consent"), order=14)
ATTRIBUTES = Group("attribute", _("Attributes"), order=16)

SUGGESTED_FROM = 50_000
"""Suggestions come from the newest customers: enough to find every common value, quick on any number."""


_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def _records(_as_of: AsOf) -> Rowset:
    return Customer.objects.filter(canonical_id__isnull=True, erased_at__isnull=True)


def _aliases() -> Rowset:
    return Customer.objects.filter(canonical_id__isnull=False).values(record=F("id"), canonical=F("canonical_id"))


catalogue.declare(catalogue.Subject(SUBJECT, _("Customer"), records=_records, aliases=_aliases))


def _suggest(column: str) -> Suggest:
    """Return a function that suggests values of a column of the newest customers."""

    def suggest(start: str) -> list[str]:
        newest = Customer.objects.order_by("-created_at", "id").values("id")[:SUGGESTED_FROM]
        found = (
            Customer.objects.filter(id__in=newest).exclude(**{column: ""}).filter(**{f"{column}__istartswith": start})
        )
        return list(found.order_by(column).values_list(column, flat=True).distinct()[:20])

    return suggest


def _age(as_of: AsOf) -> Combinable:
    """Return full years at `as_of.today`; whoever was born on 29 February is a year older on 1 March."""
    today = as_of.today.year * 10_000 + as_of.today.month * 100 + as_of.today.day
    years = ExpressionWrapper((Value(today) - DayNumber("birth_date")) / 10_000, output_field=IntegerField())
    return Case(When(birth_date__lte=as_of.today, then=years), output_field=IntegerField())


def _is_in_household(_as_of: AsOf) -> Combinable:
    own = HouseholdMember.objects.filter(owner_id=OuterRef("pk"))
    merged = Customer.objects.filter(canonical_id=OuterRef(OuterRef("pk"))).values("id")
    return ExpressionWrapper(
        Q(Exists(own)) | Q(Exists(HouseholdMember.objects.filter(owner_id__in=merged))),
        output_field=BooleanField(),
    )


def _tags(_as_of: AsOf, _params: Params) -> Rows:
    return Rows(CustomerTag.objects.all(), "tag_id")


def _identity_kinds(_as_of: AsOf, _params: Params) -> Rows:
    return Rows(Identity.objects.all(), "identity_kind")


def _consents(_as_of: AsOf, _params: Params) -> list[Rows]:
    """Return the consents in force, as `queries.consents_of` tells them.

    The newest act of a record counts. A refusal of one record stands until consent is given to another after
    the two were merged; where records were merged over several steps, after the customer's last merge.
    """
    code = Concat("purpose", Value("."), "channel")
    newer = Consent.objects.filter(
        Q(occurred_at__gt=OuterRef("occurred_at")) | Q(occurred_at=OuterRef("occurred_at"), id__gt=OuterRef("id")),
        owner_id=OuterRef("owner_id"),
        purpose=OuterRef("purpose"),
        channel=OuterRef("channel"),
    )
    newest = Consent.objects.filter(~Exists(newer))
    merged = Customer.objects.filter(canonical_id__isnull=False)
    is_joined = Q(owner_id__in=merged.values("id")) | Q(owner_id__in=merged.values("canonical_id"))
    alone = newest.filter(~is_joined, is_given=True)
    joined = _with_canonical(newest.filter(is_joined, is_given=True)).filter(~Exists(_standing_refusals(newest)))
    return [Rows(alone, code), Rows(joined, code)]


def _with_canonical(rows: Rowset) -> Rowset:
    """Return the rows with their canonical record as `canonical`."""
    into = Customer.objects.filter(id=OuterRef("owner_id")).values("canonical_id")
    found: Rowset = rows.annotate(canonical=Coalesce(Subquery(into), F("owner_id")))
    return found


def _same_customer() -> Rowset:
    """Return the records of the customer of the row two queries further out, by its `canonical`."""
    canonical = OuterRef(OuterRef("canonical"))
    return Customer.objects.filter(Q(id=canonical) | Q(canonical_id=canonical)).values("id")


def _with_joined_at(rows: Rowset) -> Rowset:
    """Return the rows with their canonical record, and since when theirs belongs to it as `joined_at`."""
    merges = Merge.objects.filter(owner_id=OuterRef("canonical"), unmerged_at__isnull=True)
    own_merge = Subquery(merges.filter(merged_id=OuterRef("owner_id")).values("merged_at")[:1])
    last_merge = Subquery(merges.order_by("-merged_at").values("merged_at")[:1])
    since = Case(When(~Q(owner_id=F("canonical")), then=Coalesce(own_merge, last_merge)), default=Value(_ALWAYS))
    found: Rowset = _with_canonical(rows).annotate(joined_at=since)
    return found


def _standing_refusals(newest: Rowset) -> Rowset:
    """Return refusals of any record of the outer row's customer that no later consent overrules."""
    same = {"owner_id__in": _same_customer(), "purpose": OuterRef("purpose"), "channel": OuterRef("channel")}
    given_anew = _with_joined_at(Consent.objects.filter(is_given=True, **same)).filter(
        ~Q(owner_id=OuterRef("owner_id")),
        Q(recorded_at__gte=OuterRef("joined_at")) & Q(recorded_at__gte=F("joined_at")),
        occurred_at__gt=OuterRef("occurred_at"),
    )
    return _with_joined_at(newest.filter(is_given=False, **same)).filter(~Exists(given_anew))


def _tag_choices() -> list[Choice]:
    return [Choice(str(pk), name) for pk, name in Tag.objects.order_by("name").values_list("id", "name")]


def _staff_choices() -> list[Choice]:
    return [Choice(str(person.id), person.name) for person in staff.people()]


def _languages() -> list[Choice]:
    return [Choice(tag, name) for tag, name in regions.language_choices()]


def _countries() -> list[Choice]:
    return [Choice(code, name) for code, name in regions.country_choices()]


def _consent_choices() -> list[Choice]:
    return [
        Choice(f"{purpose.value}.{channel.value}", format_lazy("{} · {}", purpose.label, channel.label))
        for purpose in ConsentPurpose
        for channel in ConsentChannel
    ]


GENDERS = [Choice("female", _("Female")), Choice("male", _("Male")), Choice("other", _("Other"))]

catalogue.register(
    SUBJECT,
    Field(
        "customer.kind",
        ValueType.CHOICE,
        _("Kind"),
        PERSON,
        Column("customer_kind"),
        order=10,
        choices=[Choice(str(kind.value), kind.label) for kind in CustomerKind],
    ),
    Field(
        "customer.gender",
        ValueType.CHOICE,
        _("Gender"),
        PERSON,
        Column("gender"),
        choices=GENDERS,
        order=12,
        is_personal=True,
    ),
    Field("customer.age", ValueType.COUNT, _("Age"), PERSON, Column(_age), unit=_("years"), order=14, is_personal=True),
    Field(
        "customer.birthday",
        ValueType.DATE,
        _("Birthday"),
        PERSON,
        Column("birth_date", lunar="is_lunar_birthday"),
        order=16,
        is_personal=True,
        description=_("The day of birth. It comes round by the solar or the lunar calendar, as the person keeps it."),
    ),
    Field("customer.joined_date", ValueType.DATE, _("Customer since"), PERSON, Column("joined_date"), order=18),
    Field(
        "customer.tags",
        ValueType.CHOICE_SET,
        _("Tags"),
        PERSON,
        Members(_tags),
        choices=_tag_choices,
        order=20,
    ),
    Field(
        "customer.language",
        ValueType.TEXT,
        _("Language"),
        PERSON,
        Column("language"),
        suggest=_suggest("language"),
        names=_languages,
        order=22,
    ),
    Field(
        "customer.source",
        ValueType.TEXT,
        _("Source"),
        PERSON,
        Column("source"),
        suggest=_suggest("source"),
        order=24,
    ),
    Field(
        "customer.staff_owner",
        ValueType.CHOICE,
        _("Owner on our staff"),
        PERSON,
        Column("staff_owner_id"),
        choices=_staff_choices,
        order=26,
    ),
    Field(
        "customer.in_household",
        ValueType.BOOLEAN,
        _("Belongs to a household"),
        PERSON,
        Column(_is_in_household),
        order=28,
    ),
    Field(
        "address.country",
        ValueType.TEXT,
        _("Country"),
        ADDRESS,
        Column("country"),
        suggest=_suggest("country"),
        names=_countries,
        order=10,
    ),
    Field(
        "address.region",
        ValueType.TEXT,
        _("Province or state"),
        ADDRESS,
        Column("region"),
        suggest=_suggest("region"),
        order=12,
        is_personal=True,
    ),
    Field(
        "address.city",
        ValueType.TEXT,
        _("City"),
        ADDRESS,
        Column("city"),
        suggest=_suggest("city"),
        order=14,
        is_personal=True,
    ),
    Field(
        "address.district",
        ValueType.TEXT,
        _("District"),
        ADDRESS,
        Column("district"),
        suggest=_suggest("district"),
        order=16,
        is_personal=True,
    ),
    Field("address.postcode", ValueType.TEXT, _("Postcode"), ADDRESS, Column("postcode"), order=18, is_personal=True),
    Field(
        "contact.known_by",
        ValueType.CHOICE_SET,
        _("Known contacts and ids"),
        CONTACT,
        Members(_identity_kinds),
        order=10,
        choices=[Choice(str(kind.value), kind.label) for kind in IdentityKind],
    ),
    Field(
        "contact.consents",
        ValueType.CHOICE_SET,
        _("Consents in force"),
        CONTACT,
        Members(_consents),
        order=12,
        choices=_consent_choices(),
    ),
)

_ATTRIBUTE_COLUMNS = {
    AttributeType.TEXT: (ValueType.TEXT, "text_value"),
    AttributeType.NUMBER: (ValueType.NUMBER, "number_value"),
    AttributeType.DATE: (ValueType.DATE, "date_value"),
    AttributeType.BOOLEAN: (ValueType.BOOLEAN, "boolean_value"),
    AttributeType.CHOICE: (ValueType.CHOICE, "text_value"),
}


def _attributes() -> Iterator[Field]:
    """Yield a field for each attribute that the company keeps."""
    for order, definition in enumerate(AttributeDefinition.objects.filter(is_active=True).order_by("label")):
        kind, column = _ATTRIBUTE_COLUMNS[AttributeType(definition.attribute_type)]
        label = in_language(definition.label, definition.label_zh)
        yield Field(
            f"attribute.{definition.code}",
            kind,
            label,
            ATTRIBUTES,
            SideTable(_values_of(definition.pk), column, owner="canonical"),
            unit=definition.unit,
            order=order,
            choices=[Choice(str(one), str(one)) for one in definition.choices],
            is_personal=definition.is_personal,
        )


def _values_of(definition_id: int) -> Callable[[AsOf], Rowset]:
    """Return the rows of one attribute: the canonical record's, else the newest of a merged one."""

    def rows(_as_of: AsOf) -> Rowset:
        values = CustomerAttribute.objects.filter(definition_id=definition_id)
        better = values.filter(
            Q(owner_id=OuterRef("canonical"))
            | Q(updated_at__gt=OuterRef("updated_at"))
            | Q(updated_at=OuterRef("updated_at"), id__lt=OuterRef("id")),
            owner_id__in=_same_customer(),
        )
        return _with_canonical(values).filter(Q(owner_id=F("canonical")) | ~Exists(better))

    return rows


catalogue.provide(SUBJECT, _attributes)
