"""The words of the ledger that its tables and operations choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UnitKind(models.TextChoices):
    """What one unit of a currency is."""

    POINTS = "points", _("Points")
    STATUS = "status", _("Status points")
    STAMPS = "stamps", _("Stamps")
    CASHBACK = "cashback", _("Cashback")


class ExpiryKind(models.TextChoices):
    """When a lot ends; the number beside it counts days, months or years."""

    NEVER = "never", _("Never")
    DAYS = "days", _("A number of days after it is earned")
    MONTH_END = "month_end", _("At the end of the month, a number of months later")
    YEAR_END = "year_end", _("At the end of the year, a number of years later")
    INACTIVITY = "inactivity", _("After a number of days without activity")
    FIXED = "fixed", _("At a stated moment")  # of single lots, never of a currency


class Shortfall(models.TextChoices):
    """What happens when more is to be taken back than is there."""

    REFUSE = "refuse", _("Refuse")
    ARREARS = "arrears", _("Owe it, up to a limit; the next points earned fill it first")
    WRITE_OFF = "write_off", _("Write it off and record it")


class TransferRule(models.TextChoices):
    """Who may give points to whom."""

    NONE = "none", pgettext_lazy("transfers", "Nobody")
    POOLS = "pools", _("Members of a household, to its pool and back")
    ANYONE = "anyone", _("Anyone to anyone")


class OwnerKind(models.TextChoices):
    """Whose an account is."""

    CUSTOMER = "customer", _("Customer")
    HOUSEHOLD = "household", _("Household")
    STAFF = "staff", _("Staff")
    PARTNER = "partner", _("Partner")


class Kind(models.TextChoices):
    """What a transaction did."""

    EARN = "earn", _("Earned")
    SPEND = "spend", _("Spent")
    HOLD = "hold", pgettext_lazy("transaction", "Held")
    CAPTURE = "capture", _("Spent from a hold")
    RELEASE = "release", _("Hold released")
    EXPIRE = "expire", _("Expired")
    ADJUST = "adjust", _("Adjusted")
    TRANSFER_OUT = "transfer_out", _("Given to another")
    TRANSFER_IN = "transfer_in", _("Received from another")
    REVERSE = "reverse", pgettext_lazy("transaction", "Reversed")
    ACTIVATE = "activate", _("Made usable")
    SETTLE = "settle", _("Filled what was owed on another record")


class Purpose(models.TextChoices):
    """The other side of an account's entry."""

    ISSUED = "issued", _("Issued")
    REDEEMED = "redeemed", pgettext_lazy("purpose", "Redeemed")
    EXPIRED = "expired", pgettext_lazy("purpose", "Expired")
    ADJUSTED = "adjusted", pgettext_lazy("purpose", "Adjusted")
    WRITTEN_OFF = "written_off", _("Written off")
    CLEARING = "clearing", _("Clearing")


class HoldState(models.TextChoices):
    """What became of a hold."""

    OPEN = "open", pgettext_lazy("hold", "Open")
    CAPTURED = "captured", pgettext_lazy("hold", "Captured")
    RELEASED = "released", pgettext_lazy("hold", "Released")
    TIMED_OUT = "timed_out", pgettext_lazy("hold", "Timed out")


class ApprovalState(models.TextChoices):
    """Where something that needs a second person stands."""

    WAITING = "waiting", pgettext_lazy("request", "Waiting")
    APPROVED = "approved", pgettext_lazy("request", "Approved")
    REJECTED = "rejected", pgettext_lazy("request", "Rejected")


class PoolPeriod(models.TextChoices):
    """Over which time the limit of a pool's member counts."""

    DAY = "day", pgettext_lazy("period", "Day")
    MONTH = "month", pgettext_lazy("period", "Month")
    YEAR = "year", pgettext_lazy("period", "Year")
