"""What may be done, and which role may do it. A test holds docs/permissions.md equal."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(TextChoices):
    """One thing that may be done, by area and verb."""

    CUSTOMERS_VIEW = "customers.view", _("See customers")
    CUSTOMERS_VIEW_PERSONAL = (
        "customers.view_personal",
        _("See names, phones, e-mails and addresses unmasked"),
    )
    CUSTOMERS_EDIT = "customers.edit", _("Add and change customers")
    CUSTOMERS_CONFIGURE = "customers.configure", _("Define the attributes that are kept of customers")
    CUSTOMERS_MERGE = "customers.merge", _("Merge and unmerge customers")
    CUSTOMERS_EXPORT = "customers.export", _("Export customers")
    ORDERS_VIEW = "orders.view", _("See orders and returns")
    ORDERS_RECORD = "orders.record", _("Record orders and returns")
    INSIGHTS_VIEW = "insights.view", _("See scores and reports")
    INSIGHTS_RUN = "insights.run", _("Run the analysis")
    SEGMENTS_VIEW = "segments.view", _("See segments")
    SEGMENTS_EDIT = "segments.edit", _("Make and change segments")
    POINTS_VIEW = "points.view", _("See points")
    POINTS_SPEND = "points.spend", _("Redeem, hold and transfer points")
    POINTS_ADJUST = "points.adjust", _("Adjust points")
    POINTS_APPROVE = "points.approve", _("Approve what others adjusted")
    POINTS_CONFIGURE = "points.configure", _("Make and change point currencies and household pools")
    REWARDS_VIEW = "rewards.view", _("See rewards, coupons and redemptions")
    REWARDS_REDEEM = "rewards.redeem", _("Redeem, hand over and cancel rewards and coupons")
    REWARDS_EDIT = "rewards.edit", _("Make and change rewards, stock and coupon campaigns")
    PROGRAMS_VIEW = "programs.view", _("See programmes and tiers")
    PROGRAMS_EDIT = "programs.edit", _("Write, rehearse and submit programmes")
    PROGRAMS_REVIEW = "programs.review", _("Review what others wrote, and publish it")
    PROGRAMS_GRANT = "programs.grant", _("Grant tiers to members")
    MESSAGES_VIEW = "messages.view", _("See messages, and why they were sent or not")
    MESSAGES_EDIT = "messages.edit", _("Make and change templates, channels and the rules of sending")
    MESSAGES_SEND = "messages.send", _("Send messages to customers")
    MESSAGES_RELEASE = "messages.release", _("Pause all sending, and release it")
    TASKS_VIEW = "tasks.view", _("See tasks and call scripts")
    TASKS_WORK = "tasks.work", _("Take tasks and note how they went")
    TASKS_ASSIGN = "tasks.assign", _("Assign tasks, keep teams and call scripts")
    JOURNEYS_VIEW = "journeys.view", _("See journeys and the care calendar")
    JOURNEYS_EDIT = "journeys.edit", _("Write and rehearse journeys")
    JOURNEYS_PUBLISH = "journeys.publish", _("Publish, pause and stop journeys")
    SURVEYS_VIEW = "surveys.view", _("See surveys, their results and answers")
    SURVEYS_EDIT = "surveys.edit", _("Make surveys and send them out")
    CASES_VIEW = "cases.view", _("See complaints and service requests")
    CASES_WORK = "cases.work", _("Take, answer and close complaints and service requests")
    CASES_CONFIGURE = "cases.configure", _("Change categories, deadlines and rules of cases")
    VISITS_VIEW = "visits.view", _("See mystery visits and their scores")
    VISITS_EDIT = "visits.edit", _("Plan mystery visits and score them")
    IMPORTS_RUN = "imports.run", _("Import files")
    EVENTS_VIEW = "events.view", _("See the event log")
    EVENTS_APPEND = "events.append", _("Define and record events of the company's own")
    JOBS_VIEW = "jobs.view", _("See background jobs")
    JOBS_CONTROL = "jobs.control", _("Cancel and retry background jobs")
    STAFF_VIEW = "staff.view", _("See staff, stores and roles")
    STAFF_EDIT = "staff.edit", _("Change staff, stores and roles")
    SETTINGS_EDIT = "settings.edit", _("Change the company's settings")
    API_KEYS_EDIT = "api_keys.edit", _("Make and revoke API keys")


ALL_PERMISSIONS: frozenset[Permission] = frozenset(Permission)


class Role(TextChoices):
    """What a member of staff is here for."""

    MANAGER = "manager", _("Loyalty manager")
    AGENT = "agent", _("Care agent")
    CLERK = "clerk", _("Store clerk")
    ANALYST = "analyst", _("Analyst")
    CONTROLLER = "controller", _("Controller")
    ADMIN = "admin", _("Administrator")


_P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MANAGER: ALL_PERMISSIONS - {_P.STAFF_EDIT, _P.SETTINGS_EDIT, _P.API_KEYS_EDIT},
    Role.AGENT: frozenset(
        {
            _P.CUSTOMERS_VIEW,
            _P.CUSTOMERS_VIEW_PERSONAL,
            _P.CUSTOMERS_EDIT,
            _P.ORDERS_VIEW,
            _P.POINTS_VIEW,
            _P.POINTS_SPEND,
            _P.POINTS_ADJUST,
            _P.REWARDS_VIEW,
            _P.REWARDS_REDEEM,
            _P.PROGRAMS_VIEW,
            _P.PROGRAMS_GRANT,
            _P.INSIGHTS_VIEW,
            _P.SEGMENTS_VIEW,
            _P.MESSAGES_VIEW,
            _P.TASKS_VIEW,
            _P.JOURNEYS_VIEW,
            _P.MESSAGES_SEND,
            _P.TASKS_WORK,
            _P.SURVEYS_VIEW,
            _P.CASES_VIEW,
            _P.CASES_WORK,
        }
    ),
    Role.CLERK: frozenset(
        {
            _P.CUSTOMERS_VIEW,
            _P.ORDERS_VIEW,
            _P.ORDERS_RECORD,
            _P.PROGRAMS_VIEW,
            _P.POINTS_VIEW,
            _P.POINTS_SPEND,
            _P.REWARDS_VIEW,
            _P.REWARDS_REDEEM,
            _P.TASKS_VIEW,
            _P.TASKS_WORK,
            _P.CASES_VIEW,
            _P.VISITS_VIEW,
        }
    ),
    Role.ANALYST: frozenset(
        {
            _P.CUSTOMERS_VIEW,
            _P.ORDERS_VIEW,
            _P.POINTS_VIEW,
            _P.REWARDS_VIEW,
            _P.PROGRAMS_VIEW,
            _P.PROGRAMS_EDIT,
            _P.INSIGHTS_VIEW,
            _P.INSIGHTS_RUN,
            _P.SEGMENTS_VIEW,
            _P.SEGMENTS_EDIT,
            _P.EVENTS_VIEW,
            _P.JOBS_VIEW,
            _P.MESSAGES_VIEW,
            _P.TASKS_VIEW,
            _P.JOURNEYS_VIEW,
            _P.SURVEYS_VIEW,
            _P.CASES_VIEW,
            _P.VISITS_VIEW,
            _P.JOURNEYS_EDIT,
            _P.SURVEYS_EDIT,
        }
    ),
    Role.CONTROLLER: frozenset(
        {
            _P.CUSTOMERS_VIEW,
            _P.CUSTOMERS_EXPORT,
            _P.ORDERS_VIEW,
            _P.POINTS_VIEW,
            _P.POINTS_APPROVE,
            _P.REWARDS_VIEW,
            _P.PROGRAMS_VIEW,
            _P.PROGRAMS_REVIEW,
            _P.INSIGHTS_VIEW,
            _P.SEGMENTS_VIEW,
            _P.EVENTS_VIEW,
            _P.JOBS_VIEW,
            _P.MESSAGES_VIEW,
            _P.TASKS_VIEW,
            _P.JOURNEYS_VIEW,
            _P.SURVEYS_VIEW,
            _P.CASES_VIEW,
            _P.VISITS_VIEW,
        }
    ),
    Role.ADMIN: ALL_PERMISSIONS,
}
"""Which role holds which permission."""

KEY_PERMISSIONS: frozenset[Permission] = frozenset(
    {
        _P.CUSTOMERS_VIEW,
        _P.CUSTOMERS_VIEW_PERSONAL,
        _P.CUSTOMERS_EDIT,
        _P.CUSTOMERS_CONFIGURE,
        _P.CUSTOMERS_MERGE,
        _P.ORDERS_VIEW,
        _P.ORDERS_RECORD,
        _P.POINTS_VIEW,
        _P.POINTS_SPEND,
        _P.POINTS_ADJUST,
        _P.POINTS_APPROVE,
        _P.POINTS_CONFIGURE,
        _P.REWARDS_VIEW,
        _P.REWARDS_REDEEM,
        _P.REWARDS_EDIT,
        _P.PROGRAMS_VIEW,
        _P.PROGRAMS_EDIT,
        _P.PROGRAMS_REVIEW,
        _P.PROGRAMS_GRANT,
        _P.INSIGHTS_VIEW,
        _P.INSIGHTS_RUN,
        _P.SEGMENTS_VIEW,
        _P.MESSAGES_VIEW,
        _P.MESSAGES_EDIT,
        _P.MESSAGES_SEND,
        _P.TASKS_VIEW,
        _P.TASKS_WORK,
        _P.JOURNEYS_VIEW,
        _P.JOURNEYS_EDIT,
        _P.JOURNEYS_PUBLISH,
        _P.SURVEYS_VIEW,
        _P.SURVEYS_EDIT,
        _P.CASES_VIEW,
        _P.CASES_WORK,
        _P.VISITS_VIEW,
        _P.EVENTS_VIEW,
        _P.EVENTS_APPEND,
    }
)
"""What an API key may hold: what the API offers. Keys never make keys, users or settings."""
