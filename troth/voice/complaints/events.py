"""Events of complaints, improvements, calendars and visits."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

CASE = {
    "case": "id",
    "number": "as the customer knows it",
    "category": "code",
    "severity": "low, medium, high, critical",
    "channel": "code",
    "satisfied": "the customer's word: true, false, or null where there is none",
}
_REMEDY = {"case": "id", "number": "the case's number", "remedy": "id", "kind": "points, coupon, refund"}
_IMPROVEMENT = {"improvement": "id", "cause": "code or empty"}
_VISIT = {"visit": "id", "kind": "code", "checklist": "code", "store": "code or empty"}

declare(
    EventType("voice.complaint.opened", _("Complaint"), CASE, icon="message-report"),
    EventType("voice.complaint.acknowledged", _("Complaint acknowledged"), CASE, icon="mail-opened"),
    EventType("voice.complaint.answered", _("Complaint answered"), CASE, icon="message-circle"),
    EventType("voice.complaint.resolved", _("Complaint decided"), CASE, icon="checks"),
    EventType("voice.complaint.closed", _("Complaint closed"), CASE, icon="circle-check"),
    EventType("voice.complaint.reopened", _("Complaint opened again"), CASE, icon="rotate-clockwise"),
    EventType("voice.complaint.merged", _("Complaint merged into another case"), CASE, icon="git-merge"),
    EventType("voice.complaint.rejected", _("Turned out to be no complaint"), CASE, icon="ban"),
    EventType("voice.complaint.named", _("Customer of a complaint found"), CASE, icon="user-check"),
    EventType("voice.complaint.escalated", _("Complaint escalated"), CASE, icon="alert-triangle", on_timeline=False),
    EventType("voice.remedy.given", _("Remedy given"), _REMEDY, icon="gift"),
    EventType("voice.remedy.requested", _("Remedy waits for approval"), _REMEDY, icon="gift", on_timeline=False),
    EventType("voice.remedy.declined", _("Remedy turned down"), _REMEDY, icon="gift-off", on_timeline=False),
    EventType(
        "voice.calendar.published",
        _("Working calendar published"),
        {"calendar": "code", "number": "of the version"},
        icon="calendar",
        on_timeline=False,
    ),
    EventType(
        "voice.case_policy.published",
        _("Rules of complaints published"),
        {"number": "of the version"},
        icon="file-text",
        on_timeline=False,
    ),
    EventType(
        "voice.case_category.changed",
        _("Category or cause of complaints changed"),
        {"code": "code", "what": "category or cause"},
        icon="tag",
        on_timeline=False,
    ),
    EventType("voice.improvement.created", _("Improvement planned"), _IMPROVEMENT, icon="tool", on_timeline=False),
    EventType("voice.improvement.changed", _("Improvement changed"), _IMPROVEMENT, icon="tool", on_timeline=False),
    EventType(
        "voice.improvement.told",
        _("Told what was improved"),
        {**_IMPROVEMENT, "case": "id of the complaint"},
        icon="speakerphone",
    ),
    EventType(
        "voice.checklist.published",
        _("Checklist published"),
        {"checklist": "code", "number": "of the version"},
        icon="checklist",
        on_timeline=False,
    ),
    EventType("voice.visit.planned", _("Visit planned"), _VISIT, icon="checklist", on_timeline=False),
    EventType(
        "voice.visit.scored",
        _("Visit scored"),
        {**_VISIT, "score": "0 to 100 with two places"},
        icon="checklist",
        on_timeline=False,
    ),
    EventType("voice.visit.cancelled", _("Visit cancelled"), _VISIT, icon="checklist", on_timeline=False),
)
