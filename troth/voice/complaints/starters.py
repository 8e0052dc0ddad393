"""What a company starts with: a working calendar, categories, causes, teams and rules. All of it can be changed."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.kit.ids import new_id
from troth.messaging.text_errors import TemplateRefusedError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist.services import save_team

from ..calendars import queries as calendars
from ..calendars.services import CalendarFields, save_calendar
from ..models import CaseCategory, CasePolicyVersion, RootCause, Severity
from .policies import publish_policy
from .texts import ensure_texts

CALENDAR = "office"
_MORNING, _AFTERNOON = "09:00-12:00", "13:00-18:00"
_HOUR = 60

# code, parent, severity, English, Chinese
CATEGORIES: tuple[tuple[str, str, Severity, str, str], ...] = (
    ("product", "", Severity.MEDIUM, "Product", "商品"),
    ("product-defect", "product", Severity.HIGH, "Faulty or damaged", "质量问题或破损"),
    ("product-safety", "product", Severity.CRITICAL, "Dangerous, or harmed somebody", "安全隐患或造成伤害"),
    ("product-missing", "product", Severity.MEDIUM, "Not in stock, or not as described", "缺货或与描述不符"),
    ("service", "", Severity.MEDIUM, "Service", "服务"),
    ("service-staff", "service", Severity.HIGH, "How staff behaved", "服务态度"),
    ("service-wait", "service", Severity.LOW, "Waiting time", "等候时间"),
    ("service-promise", "service", Severity.MEDIUM, "A promise not kept", "承诺未兑现"),
    ("delivery", "", Severity.MEDIUM, "Delivery", "配送"),
    ("delivery-late", "delivery", Severity.MEDIUM, "Late", "延误"),
    ("delivery-wrong", "delivery", Severity.HIGH, "Wrong or incomplete", "错发或漏发"),
    ("price", "", Severity.MEDIUM, "Price, bill and payment", "价格、账单与支付"),
    ("points", "", Severity.MEDIUM, "Points and membership", "积分与会员"),
    ("privacy", "", Severity.HIGH, "Data protection and advertising", "个人信息与营销打扰"),
    ("store", "", Severity.LOW, "Store and facilities", "门店环境"),
    ("other", "", Severity.LOW, "Something else", "其他事项"),
)

CAUSES: tuple[tuple[str, str, str], ...] = (
    ("quality", "Unstable quality of the goods", "商品质量不稳定"),
    ("supplier", "Mistake of a supplier or carrier", "供应商或承运商失误"),
    ("stock", "Wrong stock or planning", "库存或计划有误"),
    ("skill", "Staff did not know how", "员工不了解做法"),
    ("conduct", "Staff did not care", "员工责任心不足"),
    ("staffing", "Too few people", "人手不足"),
    ("process", "The process is wrong or missing", "流程缺失或不合理"),
    ("system", "A computer system failed", "系统故障"),
    ("information", "Wrong or missing information", "信息有误或缺失"),
    ("promise", "Promised more than we keep", "承诺超出能力"),
    ("price", "Price or terms not understood", "价格或条款未讲清"),
    ("outside", "Beyond our reach", "不可控因素"),
)

# The rules below name them; who is in them is the company's to say.
TEAMS: tuple[tuple[str, str, str], ...] = (("care", "Customer care", "客户服务"), ("managers", "Managers", "管理层"))

POLICY: dict[str, Any] = {
    "calendar": CALENDAR,
    "low": {"acknowledge": 8 * _HOUR, "answer": 24 * _HOUR, "resolve": 80 * _HOUR},
    "medium": {"acknowledge": 4 * _HOUR, "answer": 16 * _HOUR, "resolve": 40 * _HOUR},
    "high": {"acknowledge": 2 * _HOUR, "answer": 8 * _HOUR, "resolve": 24 * _HOUR},
    "critical": {"acknowledge": _HOUR // 2, "answer": 2 * _HOUR, "resolve": 16 * _HOUR},
    "rules": [{"severity": "critical", "team": "managers"}],
    "default_team": "care",
    "escalation": [{"at_percent": 80, "team": "care"}, {"at_percent": 120, "team": "managers"}],
    "limits": {
        "points_alone": {"points": 1000},
        "points_most": {"points": 20000},
        "refund_alone": {"CNY": "100", "EUR": "15", "USD": "15"},
        "refund_most": {"CNY": "5000", "EUR": "700", "USD": "700"},
        "coupons_alone": 1,
        "coupons_most": 3,
    },
    "low_scores": {"nps": 3, "csat": 1, "ces": 2},
    "word_days": 7,
    "recourse": "If we cannot agree, you may turn to the consumer protection authority of your place.",
    "recourse_zh": "如果对处理结果仍有异议，您可以拨打 12315 或向当地消费者协会反映。",
}


def ensure_starters(*, actor: Actor, now: datetime) -> CasePolicyVersion:
    """Return the rules in force; make calendar, categories, causes and rules where a company has none yet."""
    newest = CasePolicyVersion.objects.order_by("-number").first()
    if newest is not None:
        return newest
    try:
        return _start(actor, now)
    except (IntegrityError, TemplateRefusedError):  # two first complaints at the same moment: the other's are there now
        newest = CasePolicyVersion.objects.order_by("-number").first()
        if newest is None:
            raise
        return newest


@transaction.atomic
def _start(actor: Actor, now: datetime) -> CasePolicyVersion:
    ensure_texts(actor=actor, now=now)
    _categories()
    for code, name, name_zh in CAUSES:
        RootCause.objects.get_or_create(code=code, defaults={"id": new_id(), "name": name, "name_zh": name_zh})
    here = {team.code for team in worklist.teams(is_active=None)}
    for code, name, name_zh in TEAMS:
        if code not in here:
            save_team(actor=actor, now=now, code=code, name=name, name_zh=name_zh)
    if CALENDAR not in calendars.calendar_codes():
        save_calendar(actor=actor, now=now, fields=_office())
    return publish_policy(actor=actor, now=now, document=POLICY)


def _categories() -> None:
    made: dict[str, CaseCategory] = {}
    for order, (code, parent, severity, name, name_zh) in enumerate(CATEGORIES):
        made[code], _is_new = CaseCategory.objects.get_or_create(
            code=code,
            defaults={
                "id": new_id(),
                "name": name,
                "name_zh": name_zh,
                "parent": made.get(parent),
                "severity": severity,
                "order": order * 10,
            },
        )


def _office() -> CalendarFields:
    company = staff.company_or_none()
    day = (_MORNING, _AFTERNOON)
    return CalendarFields(
        code=CALENDAR,
        name="Office hours",
        name_zh="办公时间",
        zone=company.time_zone if company else "Asia/Shanghai",
        country=company.country if company else "CN",
        week=(day, day, day, day, day, (), ()),
        makeup=day,
    )
