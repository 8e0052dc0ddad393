"""What options can be, told apart from Django so that help does not wait for it."""

from enum import StrEnum


class ImportKind(StrEnum):
    """What a file holds."""

    ORDERS = "orders"
    CUSTOMERS = "customers"


class OrderNumbers(StrEnum):
    """Within what an order number of the file is unique."""

    SOURCE = "source"
    STORE_DAY = "store_day"


class UnknownCustomers(StrEnum):
    """What becomes of an order whose customer is not known."""

    REFUSE = "refuse"
    ADD = "add"


class ChangedOrders(StrEnum):
    """What becomes of a known order that has other content now."""

    REFUSE = "refuse"
    UPDATE = "update"


class SendingAct(StrEnum):
    """What can be done about all sending."""

    SHOW = "show"
    PAUSE = "pause"
    RELEASE = "release"


class Waiting(StrEnum):
    """What becomes of messages that waited when sending is released."""

    SEND = "send"
    WITHHOLD = "withhold"


class RoleName(StrEnum):
    """The roles of `troth.access.permissions`, repeated here because help must not wait for Django."""

    MANAGER = "manager"
    AGENT = "agent"
    CLERK = "clerk"
    ANALYST = "analyst"
    CONTROLLER = "controller"
    ADMIN = "admin"


class ReportLanguage(StrEnum):
    """In which languages a report is written."""

    BOTH = "both"
    EN = "en"
    ZH_HANS = "zh-hans"


class ScreenLanguage(StrEnum):
    """The languages that the console and messages speak."""

    ENGLISH = "en"
    CHINESE = "zh-hans"
