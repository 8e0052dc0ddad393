"""People and companies who buy, with everything that identifies and describes them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.money import FixedPointField
from troth.kit.tables import TableKind, classify


class CustomerKind(models.TextChoices):
    """Who buys."""

    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")


class Customer(models.Model):
    """A customer record. A merged record stays as it was and links to the canonical one."""

    kind: ClassVar = TableKind.OWNED
    owner_column: ClassVar = "id"
    data_map: ClassVar = classify(
        business="id canonical_id customer_kind language time_zone country joined_date source staff_owner_id"
        " is_made_up erased_at created_at updated_at revision",
        personal="name family_name given_name search_key birth_date is_lunar_birthday gender region city"
        " district street postcode",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    canonical_id = models.UUIDField(null=True, blank=True, db_index=True)
    customer_kind = models.CharField(
        _("kind"), max_length=10, choices=CustomerKind.choices, default=CustomerKind.PERSON
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    search_key = models.CharField(max_length=300, blank=True, db_index=True)
    birth_date = models.DateField(_("birthday"), null=True, blank=True)
    is_lunar_birthday = models.BooleanField(_("birthday by the lunar calendar"), default=False)
    gender = models.CharField(
        _("gender"),
        max_length=10,
        blank=True,
        choices=[("female", _("Female")), ("male", _("Male")), ("other", _("Other"))],
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("province or state"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    district = models.CharField(_("district"), max_length=80, blank=True)
    street = models.CharField(_("street address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    joined_date = models.DateField(_("customer since"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=64, blank=True)
    staff_owner_id = models.UUIDField(_("owner on our staff"), null=True, blank=True, db_index=True)
    is_made_up = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(canonical_id__isnull=True) | ~Q(canonical_id=models.F("id")),
                name="customer_not_merged_with_itself",
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "id"], name="customer_created")]

    def __str__(self) -> str:
        return str(self.id)


class IdentityKind(models.TextChoices):
    """By what a customer is recognised."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    CARD = "card", _("Card")
    WECHAT_OPENID = "wechat_openid", _("WeChat openid")
    EXTERNAL = "external", _("External id")


class Identity(models.Model):
    """One way to recognise a customer: unique per kind and source over all customers."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(
        business="id owner_id identity_kind source is_primary verified_at created_at", personal="value tail"
    )

    owner_id = models.UUIDField(db_index=True)
    identity_kind = models.CharField(max_length=20, choices=IdentityKind.choices)
    source = models.CharField(max_length=64, blank=True)  # system that issued it: for cards, openids and external ids
    value = models.CharField(max_length=200, db_index=True)  # normalised: E.164, lower-case e-mail
    tail = models.CharField(max_length=4, blank=True, db_index=True)  # its last four signs: "the phone ending in 5678"
    is_primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["identity_kind", "source", "value"], name="identity_unique")]

    def __str__(self) -> str:
        return f"{self.identity_kind} {self.owner_id}"


class SearchTerm(models.Model):
    """A word by whose beginning a customer is found: 王小明, 小明, wangxiaoming, wxm, smith."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id owner_id", personal="term")

    owner_id = models.UUIDField(db_index=True)
    term = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "owner_id"], name="search_term_once")]

    def __str__(self) -> str:
        return str(self.owner_id)


class AttributeType(models.TextChoices):
    """What an attribute holds."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("One of a list")


class AttributeDefinition(models.Model):
    """A fact that this company keeps of its customers beyond the fixed ones."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code label label_zh attribute_type choices unit is_personal is_active")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label = models.CharField(_("label"), max_length=80)
    label_zh = models.CharField(_("label in Chinese"), max_length=80, blank=True)
    attribute_type = models.CharField(_("type"), max_length=10, choices=AttributeType.choices)
    choices = models.JSONField(default=list, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    is_personal = models.BooleanField(_("personal data"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)

    def __str__(self) -> str:
        return in_language(self.label, self.label_zh)


class CustomerAttribute(models.Model):
    """The value of one attribute of one customer, in the column of its type."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id definition updated_at",
        personal="text_value number_value date_value boolean_value",
    )

    owner_id = models.UUIDField()
    definition = models.ForeignKey(AttributeDefinition, on_delete=models.PROTECT, related_name="+")
    text_value = models.CharField(max_length=300, null=True)
    number_value = FixedPointField(null=True)
    date_value = models.DateField(null=True)
    boolean_value = models.BooleanField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "definition"], name="attribute_once")]
        indexes = [models.Index(fields=["definition", "text_value"], name="attribute_text")]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.owner_id}"


class Tag(models.Model):
    """A word that staff put on customers."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id name color")

    name = models.CharField(_("name"), max_length=60, unique=True)
    color = models.CharField(max_length=10, default="blue")

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """A tag on a customer."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id tag created_at")

    owner_id = models.UUIDField()
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "tag"], name="tag_once")]
        indexes = [models.Index(fields=["tag", "owner_id"], name="tag_owners")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.owner_id}"


class ConsentPurpose(models.TextChoices):
    """What the customer agrees to or refuses."""

    MARKETING = "marketing", _("Offers and news")
    SERVICE = "service", _("Messages about orders and service")
    SURVEY = "survey", _("Surveys")
    PROFILING = "profiling", _("Profile and scores")
    AUTOMATED = "automated", _("Decisions made by machine alone")


class ConsentChannel(models.TextChoices):
    """By which way; ANY for purposes that have none."""

    ANY = "any", _("Any channel")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("Phone call")
    WECHAT = "wechat", _("WeChat")
    POST = "post", pgettext_lazy("channel", "Post")


class Consent(models.Model):
    """One act of giving, refusing or withdrawing, with its proof. Never changed; the newest counts."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id purpose channel is_given source wording_version occurred_at recorded_at actor",
        personal="proof",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    channel = models.CharField(max_length=10, choices=ConsentChannel.choices, default=ConsentChannel.ANY)
    is_given = models.BooleanField()
    source = models.CharField(max_length=64)  # where it was given: form, till, import, call
    wording_version = models.CharField(max_length=40, blank=True)
    proof = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["owner_id", "purpose", "channel", "-occurred_at"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel} {self.owner_id}"


class Household(models.Model):
    """People who live, and may earn, together."""

    kind: ClassVar = TableKind.OWNED
    owner_column: ClassVar = "id"
    data_map: ClassVar = classify(business="id created_at", personal="name")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class HouseholdMember(models.Model):
    """A customer's place in a household; at most one."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id household_id role joined_at")

    owner_id = models.UUIDField(unique=True)
    household_id = models.UUIDField(db_index=True)
    role = models.CharField(
        max_length=10,
        default="member",
        choices=[
            ("head", pgettext_lazy("household", "Head")),
            ("member", pgettext_lazy("household", "Member")),
            ("child", pgettext_lazy("household", "Child")),
        ],
    )
    joined_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.household_id} {self.owner_id}"


class Merge(models.Model):
    """The journal of one merge: which record was linked to which, and what undoing it needs."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id merged_id reason merged_at merged_by unmerged_at unmerged_by",
        personal="journal",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField(db_index=True)  # the record that stays canonical
    merged_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=40)
    journal = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=80)
    unmerged_at = models.DateTimeField(null=True, blank=True)
    unmerged_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(owner_id=models.F("merged_id")), name="merge_of_two"),
            models.UniqueConstraint(
                fields=["owner_id", "merged_id"], condition=Q(unmerged_at__isnull=True), name="merge_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} -> {self.owner_id}"


class DuplicateStatus(models.TextChoices):
    """What became of a suspicion."""

    OPEN = "open", _("To decide")
    MERGED = "merged", _("Merged")
    DISTINCT = "distinct", _("Not the same")


class DuplicateBasis(models.TextChoices):
    """What a suspicion rests on."""

    IDENTITY = "identity", _("The same number or address was given for both")
    LIKENESS = "likeness", _("They look alike")


class DuplicateSuggestion(models.Model):
    """Two records that may be one customer, with the probability and its reasons, for a person to decide.

    By identity: somebody offered one record a phone, e-mail or card that the other holds. By likeness: the
    matcher found them.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id left_id right_id basis probability reasons status found_at decided_at decided_by"
    )

    left_id = models.UUIDField()
    right_id = models.UUIDField(db_index=True)
    basis = models.CharField(max_length=10, choices=DuplicateBasis.choices, default=DuplicateBasis.LIKENESS)
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=DuplicateStatus.choices, default=DuplicateStatus.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left_id", "right_id"], name="suggestion_once"),
            models.CheckConstraint(condition=Q(left_id__lt=models.F("right_id")), name="suggestion_ordered"),
        ]
        indexes = [models.Index(fields=["status", "-probability"], name="suggestion_open")]

    def __str__(self) -> str:
        return f"{self.left_id} ~ {self.right_id}"


class SavedView(models.Model):
    """A list of customers that somebody wants to see again: its filters, columns and order, as an address."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id user_id name query created_at")

    user_id = models.UUIDField()
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
