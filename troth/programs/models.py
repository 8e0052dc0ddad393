"""Programmes with their versions, and where each member stands in them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.money import MoneyField
from troth.kit.tables import TableKind, classify


class DraftState(models.TextChoices):
    """How far the draft of the next version is."""

    NONE = "none", _("No draft")
    EDITING = "editing", _("Being edited")
    SUBMITTED = "submitted", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Sent back")


class Programme(models.Model):
    """A programme under a code, meaning what its versions say; the draft is the next one.

    A draft is text as people write it (YAML or JSON) and may be wrong; a submitted one is right.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh draft_text draft_state draft_saved_at draft_saved_by submitted_at submitted_by"
        " reviewed_at reviewed_by review_note revision version_number archived_at created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    draft_text = models.TextField(blank=True)
    draft_state = models.CharField(max_length=10, choices=DraftState.choices, default=DraftState.NONE)
    draft_saved_at = models.DateTimeField(null=True)
    draft_saved_by = models.CharField(max_length=80, blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=80, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=80, blank=True)
    review_note = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)
    version_number = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class ProgrammeVersion(models.Model):
    """A published version, in force from `effective_at` until the next one. Never changed.

    text: the document as it was written; document: the same in its one written form.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id programme number text document effective_at note written_by reviewed_by published_at published_by"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    document = models.JSONField()
    effective_at = models.DateTimeField()
    note = models.CharField(_("what changed and why"), max_length=200, blank=True)
    written_by = models.CharField(max_length=80)
    reviewed_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="programme_version_once"),
            models.UniqueConstraint(fields=["programme", "effective_at"], name="programme_version_start_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} v{self.number}"


def _programme() -> "models.ForeignKey[Programme]":
    """Return the column of the programme; unchecked, for millions of rows point at a handful."""
    return models.ForeignKey(Programme, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")


class Membership(models.Model):
    """Where a customer stands in a programme: the one row that is locked when the customer earns.

    tier: the higher of the earned tier and of one granted until `granted_until`, in force since `tier_moved_at`; "" is
    below the ladder. review_date: when the earned tier is reviewed, None for never. counters: what `Progress` rows
    add up to, by key, of periods that ended on `counters_from_date` or later.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id programme joined_at tier tier_moved_at earned_tier earned_since_date review_date"
        " granted_tier granted_until counters counters_from_date order_count last_order_at updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    programme = _programme()
    joined_at = models.DateTimeField()
    tier = models.CharField(max_length=64, blank=True)
    tier_moved_at = models.DateTimeField()
    earned_tier = models.CharField(max_length=64, blank=True)
    earned_since_date = models.DateField()
    review_date = models.DateField(null=True)
    granted_tier = models.CharField(max_length=64, blank=True)
    granted_until = models.DateTimeField(null=True)
    counters = models.JSONField(default=dict)
    counters_from_date = models.DateField()
    order_count = models.IntegerField(default=0)
    last_order_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "programme"], name="membership_once")]
        indexes = [
            models.Index(fields=["programme", "tier"], name="membership_tier"),
            models.Index(fields=["programme", "review_date"], name="membership_review"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.tier}"


class Progress(models.Model):
    """What one order, return or event added to a membership: the source of tiers, counters and budgets.

    occurred_at: of the order, also on the row that takes back what a return undid; counters, budgets: signed
    amounts by key. Never changed.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id programme operation_key source_kind source_id version_number occurred_at recorded_at"
        " points spend visits orders counters budgets"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    programme = _programme()
    operation_key = models.CharField(max_length=120)
    source_kind = models.CharField(max_length=12)  # order, return, event, adjustment
    source_id = models.UUIDField(null=True)
    version_number = models.PositiveIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    points = models.BigIntegerField(default=0)
    spend = MoneyField(default=0)
    visits = models.IntegerField(default=0)
    orders = models.SmallIntegerField(default=0)
    counters = models.JSONField(default=dict)
    budgets = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "programme", "operation_key"], name="progress_once")]
        indexes = [
            models.Index(
                fields=["owner_id", "programme", "occurred_at"],
                include=["points", "spend", "visits"],  # the sums of a window come from the index alone
                name="progress_window",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.operation_key}"


class TierMove(models.Model):
    """A member's change of tier, in force from `occurred_at`. Never changed."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id programme from_tier to_tier reason source_id before data occurred_at recorded_at actor"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    programme = _programme()
    from_tier = models.CharField(max_length=64, blank=True)
    to_tier = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=20)  # joined, reached, kept, reviewed, returned, granted, ended
    source_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict)  # the earned tier that ended: tier, since, until
    data = models.JSONField(default=dict)  # the figures that decided
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "programme", "-occurred_at"], name="tier_move_newest"),
            models.Index(fields=["programme", "-occurred_at"], name="tier_move_programme"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.from_tier} → {self.to_tier}"


class TierGrant(models.Model):
    """A tier given by a person, or matched to the status held with a competitor, until `ends_at`."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id programme tier grant_kind reason starts_at ends_at granted_by granted_at revoked_at"
        " revoked_by",
        personal="note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    programme = _programme()
    tier = models.CharField(max_length=64)
    grant_kind = models.CharField(max_length=10, choices=[("manual", _("Manual")), ("match", _("Status match"))])
    reason = models.CharField(max_length=40, blank=True)  # a code: goodwill, staff, the competitor's programme
    note = models.CharField(_("note"), max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "programme", "ends_at"], name="tier_grant_owner"),
            models.Index(fields=["programme", "ends_at"], name="tier_grant_end"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.tier} until {self.ends_at:%Y-%m-%d}"


class EarnedBadge(models.Model):
    """A badge a member holds, since when, and what earned it; taken back with the order that earned it."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id programme badge earned_at source_id recorded_at")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    programme = _programme()
    badge = models.CharField(max_length=64)
    earned_at = models.DateTimeField()
    source_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "programme", "badge"], name="badge_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.badge}"


class BudgetSlice(models.Model):
    """A part of a budget of points or money, so that many may draw on it at once; `used` never exceeds `size`.

    key: programme code, budget, period and store (`claims`); size, used: points, or ten-thousandths of money.
    """

    kind: ClassVar = TableKind.COUNTER
    data_map: ClassVar = classify(business="id programme key number size used")

    id = models.BigAutoField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    number = models.PositiveSmallIntegerField()
    size = models.BigIntegerField()
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "key", "number"], name="budget_slice_once"),
            models.CheckConstraint(condition=models.Q(used__gte=0), name="budget_slice_not_below_zero"),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("size")), name="budget_slice_not_overdrawn"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.used}/{self.size}"
