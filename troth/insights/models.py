"""What was found out: one score row per customer, the runs that made them, their report frames, and by
which settings.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.money import FixedPointField, MoneyField
from troth.kit.tables import TableKind, classify

from . import market_models, prospect_models  # noqa: F401  Django looks for models here


class Band(models.TextChoices):
    """Where in the pyramid a customer stands."""

    DIAMOND = "diamond", _("Diamond")
    GOLD = "gold", _("Gold")
    SILVER = "silver", _("Silver")
    ORDINARY = "ordinary", _("Ordinary")
    NEW = "new", _("New")
    INACTIVE = "inactive", _("Inactive")


class Status(models.TextChoices):
    """Where in the life cycle a customer is, by the customer's own rhythm."""

    NEW = "new", _("New")
    REPEAT = "repeat", _("Repeat")
    ACTIVE = "active", _("Active")
    SLEEPING = "sleeping", _("Sleeping")
    LOST = "lost", _("Lost")


class Rung(models.TextChoices):
    """The rung of the loyalty ladder. Where the share of wallet is not known, a repeat buyer is at least that."""

    FIRST_TIME_BUYER = "first_time_buyer", _("First-time buyer")
    REPEAT_BUYER = "repeat_buyer", _("Repeat buyer")
    AT_LEAST_REPEAT_BUYER = "at_least_repeat_buyer", _("At least repeat buyer")
    CLIENT = "client", pgettext_lazy("rung", "Client")
    ADVOCATE = "advocate", pgettext_lazy("rung", "Advocate")


class RfmSegment(models.TextChoices):
    """A name for a region of recency against frequency and money."""

    CHAMPIONS = "champions", _("Champions")
    LOYAL = "loyal", _("Loyal")
    POTENTIAL_LOYAL = "potential_loyal", _("Potentially loyal")
    NEWCOMERS = "newcomers", _("Newcomers")
    PROMISING = "promising", _("Promising")
    NEED_ATTENTION = "need_attention", _("Need attention")
    ABOUT_TO_SLEEP = "about_to_sleep", _("About to sleep")
    MUST_NOT_LOSE = "must_not_lose", _("Must not lose")
    AT_RISK = "at_risk", _("At risk")
    HIBERNATING = "hibernating", _("Hibernating")


class MeasureSettings(models.Model):
    """By which rules is measured. Never changed: a new version replaces the last one from the next analysis
    on.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id version assumed_margin bands rhythm rfm loyalty created_at created_by")

    version = models.PositiveIntegerField(unique=True)
    assumed_margin = FixedPointField()  # profit ÷ revenue where the cost is not known, 0 to 1
    bands = models.JSONField(default=dict)  # fields of troth.value.terms.Bands; Decimals as text
    rhythm = models.JSONField(default=dict)  # of Rhythm
    rfm = models.JSONField(default=dict)  # of RfmRules; empty: fifths
    loyalty = models.JSONField(default=dict)  # of LoyaltyTerms; weights: what differs from the catalogue
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"measure settings {self.version}"


class RunStatus(models.TextChoices):
    """How an analysis stands."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class AnalysisRun(models.Model):
    """One analysis: as of which day, from which facts, by which settings, what it found, how long each
    stage took.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id as_of_date status settings currency customer_count order_count assumed_share"
        " notes lake timings"
        " error_code error_message started_at finished_at started_by"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    as_of_date = models.DateField()
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    settings = models.ForeignKey(MeasureSettings, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    customer_count = models.PositiveBigIntegerField(default=0)
    order_count = models.PositiveBigIntegerField(default=0)
    assumed_share = FixedPointField(default=0)  # of revenue, 0 to 1: how much of it has no known cost
    notes = models.JSONField(default=dict)  # the company's rhythm, totals outside the frames
    lake = models.JSONField(default=dict)  # which export, how many rows by fact
    timings = models.JSONField(default=dict)  # stage -> seconds
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["status", "-finished_at"], name="run_newest")]

    def __str__(self) -> str:
        return f"analysis as of {self.as_of_date}"


class ReportFrame(models.Model):
    """A small table that a run found: names of columns, rows, and a few figures beside it. Money is text."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id run name columns rows facts")

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="frames")
    name = models.CharField(max_length=40)
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="frame_once")]

    def __str__(self) -> str:
        return self.name


class CustomerScore(models.Model):
    """Everything measured of one canonical customer as of one day; all rows are replaced together by each
    analysis.

    Amounts are in the company's currency; shares and `band_place` run from 0 to 1; ages and gaps are days.
    The names are those of `troth.value`: `frequency` counts repeat purchases, `age_days` is T,
    `recency_days` the age at the last purchase, and the days of silence stand apart as
    `days_since_last_purchase`.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="owner_id run_id as_of_date computed_at frequency recency_days age_days monetary_value"
        " purchases orders days_since_last_purchase first_purchase_date last_purchase_date revenue"
        " profit profit_assumed_share service_cost returns returned discount_share categories"
        " window_revenue window_profit window_ordered window_assumed r_score f_score m_score rfm"
        " rfm_segment band band_place status status_before usual_gap_days sleeping_after_days"
        " lost_after_days rung rung_before reasons"
    )

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    frequency = models.PositiveIntegerField()
    recency_days = models.PositiveIntegerField()
    age_days = models.PositiveIntegerField()
    monetary_value = MoneyField()
    purchases = models.PositiveIntegerField()
    orders = models.PositiveIntegerField()
    days_since_last_purchase = models.PositiveIntegerField()
    first_purchase_date = models.DateField()
    last_purchase_date = models.DateField()
    revenue = MoneyField()
    profit = MoneyField()
    profit_assumed_share = FixedPointField()
    service_cost = MoneyField()
    returns = models.PositiveIntegerField()
    returned = MoneyField()
    discount_share = FixedPointField()
    categories = models.PositiveIntegerField()
    window_revenue = MoneyField()
    window_profit = MoneyField()
    window_ordered = MoneyField()
    window_assumed = MoneyField()
    r_score = models.PositiveSmallIntegerField()
    f_score = models.PositiveSmallIntegerField()
    m_score = models.PositiveSmallIntegerField()
    rfm = models.PositiveSmallIntegerField()
    rfm_segment = models.CharField(max_length=20, choices=RfmSegment.choices)
    band = models.CharField(max_length=10, choices=Band.choices)
    band_place = FixedPointField()
    status = models.CharField(max_length=10, choices=Status.choices)
    status_before = models.CharField(
        max_length=10, choices=Status.choices, blank=True
    )  # 30 days ago; empty: unknown then
    usual_gap_days = FixedPointField()
    sleeping_after_days = models.PositiveIntegerField()
    lost_after_days = models.PositiveIntegerField()
    rung = models.CharField(max_length=24, choices=Rung.choices)
    rung_before = models.CharField(max_length=24, choices=Rung.choices, blank=True)  # 30 days ago; empty: no buyer yet
    reasons = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["-revenue", "owner_id"], name="score_revenue"),
            models.Index(fields=["band", "-revenue"], name="score_band"),
            models.Index(fields=["status", "-revenue"], name="score_status"),
            models.Index(fields=["rfm_segment", "-revenue"], name="score_rfm_segment"),
            models.Index(fields=["last_purchase_date"], name="score_last_purchase"),
        ]

    def __str__(self) -> str:
        return str(self.owner_id)


class LoyaltyKind(models.TextChoices):
    """Attitude against behaviour."""

    TRUE = "true", _("True loyalty")
    LATENT = "latent", _("Latent loyalty")
    SPURIOUS = "spurious", _("Spurious loyalty")
    NONE = "none", _("No loyalty")


class LoyaltyHold(models.TextChoices):
    """What holds a customer."""

    MONOPOLY = "monopoly", _("No choice")
    KINSHIP = "kinship", _("Kinship")
    INCENTIVE = "incentive", _("Incentives")
    PRICE = "price", _("Price")
    CONVENIENCE = "convenience", _("Convenience")
    INERTIA = "inertia", _("Inertia")
    TRUST = "trust", _("Trust")
    SUPER_VALUE = "super_value", _("Super value")


class Quarter(models.TextChoices):
    """Where loyalty and value place a customer."""

    BEST = "best", _("Loyal and valuable")
    HIDDEN = "hidden", _("Loyal, not yet valuable")
    WAVERING = "wavering", _("Valuable, not loyal")
    PASSING = "passing", _("Neither")


class NextAction(models.TextChoices):
    """The one thing to do next."""

    REPAIR = "repair", _("Put it right")
    WIN_BACK = "win_back", _("Win back")
    LET_GO = "let_go", pgettext_lazy("next action", "Let go")
    HOLD = "hold", _("Hold")
    INVITE = "invite", _("Invite to refer")
    THANK = "thank", _("Thank")
    ASK = "ask", _("Ask")
    NEXT_PRODUCT = "next_product", _("Show the next product")


class CustomerOutlook(models.Model):
    """What is expected of one canonical customer as of one day: all rows are replaced together by each analysis.

    Chances, confidences and shares run from 0 to 1, the index and its sides from 0 to 100. made_value: profit so far;
    potential_value: expected profit of the coming year, discounted, with its interval; net_value: the same less what
    points and rewards cost, reward_share of the revenue; influence_value: credited profit of whom they brought, null
    where nobody keeps who brought whom; wallet_share: what part of their spending in the category is ours, with its
    interval, asked or estimated (wallet_source), null where neither; expected_purchases: days with a purchase in that
    year. What models tell is null where the past is too short for one; attitude where nobody asked.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="owner_id run_id as_of_date computed_at probability_alive alive_low alive_high expected_purchases"
        " made_value potential_value potential_low potential_high net_value net_low net_high reward_share referred"
        " influence_value wallet_share wallet_low wallet_high wallet_source loyalty_index"
        " loyalty_confidence behaviour attitude"
        " loyalty_type loyalty_hold type_is_assumed type_confidence type_reasons quarter action action_reason stake"
        " stake_kind"
    )

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    probability_alive = FixedPointField(null=True)
    alive_low = FixedPointField(null=True)
    alive_high = FixedPointField(null=True)
    expected_purchases = FixedPointField(null=True)
    made_value = MoneyField()
    potential_value = MoneyField(null=True)
    potential_low = MoneyField(null=True)
    potential_high = MoneyField(null=True)
    net_value = MoneyField(null=True)
    net_low = MoneyField(null=True)
    net_high = MoneyField(null=True)
    reward_share = FixedPointField(null=True)
    referred = models.PositiveIntegerField(null=True)
    influence_value = MoneyField(null=True)
    wallet_share = FixedPointField(null=True)
    wallet_low = FixedPointField(null=True)
    wallet_high = FixedPointField(null=True)
    wallet_source = models.CharField(max_length=10, blank=True)
    loyalty_index = FixedPointField()
    loyalty_confidence = FixedPointField()
    behaviour = FixedPointField(null=True)
    attitude = FixedPointField(null=True)
    loyalty_type = models.CharField(max_length=10, choices=LoyaltyKind.choices)
    loyalty_hold = models.CharField(max_length=12, choices=LoyaltyHold.choices, blank=True)
    type_is_assumed = models.BooleanField()
    type_confidence = FixedPointField()
    type_reasons = models.JSONField(default=list)
    quarter = models.CharField(max_length=10, choices=Quarter.choices)
    action = models.CharField(max_length=14, choices=NextAction.choices, blank=True)
    action_reason = models.CharField(max_length=24, blank=True)
    stake = MoneyField(null=True)
    stake_kind = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-potential_value", "owner_id"], name="outlook_potential"),
            models.Index(fields=["action", "-stake"], name="outlook_action"),
            models.Index(fields=["quarter", "-potential_value"], name="outlook_quarter"),
            models.Index(fields=["loyalty_type", "loyalty_hold"], name="outlook_type"),
        ]

    def __str__(self) -> str:
        return str(self.owner_id)


class Introduction(models.Model):
    """Who brought one canonical customer, as far as it is told and recognised; all rows are replaced together.

    Whoever was brought need not have bought yet, nor need whoever brought them. The links make no ring.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="owner_id run_id as_of_date computed_at introducer_id")

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    introducer_id = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return str(self.owner_id)


class CustomerChurn(models.Model):
    """How likely one canonical customer is to buy nothing in the coming days; all rows are replaced together.

    probability: 0 to 1, that there is no purchase in `ahead_days` after `as_of_date`, the last ordinary day: the
    silence that would be sleeping by the customer's own rhythm. reasons: a list of `theme`, `feature`, `value`,
    `typical` and `points` (of the log odds; above 0 speaks for leaving). Who is lost already has no row.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="owner_id run_id as_of_date computed_at probability ahead_days reasons")

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    probability = FixedPointField()
    ahead_days = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-probability", "owner_id"], name="churn_probability")]

    def __str__(self) -> str:
        return str(self.owner_id)


class ProductSuggestion(models.Model):
    """What one canonical customer may buy next, the likeliest first; all rows are replaced together.

    products: a list of `product` and `name`, and of `because` and `because_name`, the product of the customer's own
    that speaks most for it (empty: what most customers buy).
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="owner_id run_id as_of_date computed_at products")

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    products = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.owner_id)


class Indicator(models.TextChoices):
    """A figure of the whole company that each analysis tells, and that a target can be set for."""

    ACTIVE = "active", _("Customers who still buy")
    BUYERS = "buyers", _("Customers who bought in the year")
    NEW = "new", _("New customers of the year")
    REPEAT_RATE = "repeat_rate", _("Share of buyers who come back")
    REVENUE = "revenue", _("Revenue of the year")
    PROFIT = "profit", _("Profit of the year")
    INDEX = "index", _("Mean loyalty index")
    TRUE_SHARE = "true_share", _("Share of customers with true loyalty")
    TO_COME = "to_come", _("Value to come")
    TOP_SHARE = "top_share", _("Share of revenue of the best fifth")


class Target(models.Model):
    """What an indicator shall be by a day. A dropped one stays readable; a new one may be set beside it.

    start: what the indicator was when the target was set, null where it was not known; amounts in the company's
    currency, shares from 0 to 1. Up or down follows from start and goal; without a start, up.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id indicator start start_date goal due_date reason set_at set_by dropped_at dropped_by"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    indicator = models.CharField(max_length=12, choices=Indicator.choices)
    start = FixedPointField(null=True)
    start_date = models.DateField()
    goal = FixedPointField()
    due_date = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=80)
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_date"], condition=models.Q(dropped_at=None), name="target_due")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.goal} by {self.due_date}"


class TargetReview(models.Model):
    """Somebody looked at a target: what the indicator was on that day, and what was learned. Never changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id target actual as_of_date note reviewed_at reviewed_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="reviews")
    actual = FixedPointField(null=True)
    as_of_date = models.DateField(null=True)  # of the analysis that told it
    note = models.CharField(max_length=1000)
    reviewed_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.target_id} {self.reviewed_at:%Y-%m-%d}"
