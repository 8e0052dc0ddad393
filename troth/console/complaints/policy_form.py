"""The rules of complaints as a form, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from troth.value.voice.bands import BANDS, ScoreKind
from troth.voice.complaints.policies import PolicyDocument
from troth.voice.models import ClockKind, Severity, Survey, SurveyKind

RULES, STEPS, LIMITS = 8, 4, 4
SCORES = ("nps", "csat", "ces")
RULE_FIELDS = ("category", "severity", "channel", "team")


def form_of(policy: PolicyDocument, post: QueryDict | None, surveys: Iterable[Survey]) -> dict[str, Any]:
    """Return what the form shows: what was sent, else what is in force. Deadlines are in hours."""
    values = {name: post.get(name, "") for name in post} if post is not None else _values(policy)
    left_out = policy.low_scores.except_surveys if post is None else post.getlist("except_surveys")
    return {
        "values": values,
        "scores": [
            (kind, SurveyKind(kind).label, BANDS[ScoreKind(kind)], values.get(f"low-{kind}", "")) for kind in SCORES
        ],
        "surveys": [(one, one.code in left_out) for one in surveys if one.survey_kind in SCORES],
        "deadlines": [
            (severity, [(kind, _name(severity, kind), values.get(_name(severity, kind), "")) for kind in ClockKind])
            for severity in Severity
        ],
        "rules": [
            (number, {field: values.get(f"rule-{number}-{field}", "") for field in RULE_FIELDS})
            for number in range(RULES)
        ],
        "steps": [
            (number, values.get(f"step-{number}-percent", ""), values.get(f"step-{number}-team", ""))
            for number in range(STEPS)
        ],
        "limits": [
            (kind, number, *(values.get(f"{kind}-{number}-{part}", "") for part in ("code", "alone", "most")))
            for kind in ("points", "refund")
            for number in range(LIMITS)
            if number == 0 or values.get(f"{kind}-{number}-code") or values.get(f"{kind}-{number - 1}-code")
        ],
    }


def document_of(post: QueryDict) -> dict[str, Any]:
    """Return the document that a form describes; what is wrong in it, publishing says."""
    rules = [{field: post.get(f"rule-{n}-{field}", "") for field in RULE_FIELDS} for n in range(RULES)]
    steps = [(post.get(f"step-{n}-percent", ""), post.get(f"step-{n}-team", "")) for n in range(STEPS)]
    return {
        "calendar": post.get("calendar", ""),
        **{
            severity.value: {kind.value: _minutes(post.get(_name(severity, kind), "")) for kind in ClockKind}
            for severity in Severity
        },
        "rules": [rule for rule in rules if rule["team"]],
        "default_team": post.get("default_team", ""),
        "escalation": [{"at_percent": percent, "team": team} for percent, team in steps if percent and team],
        "limits": {
            "points_alone": _limits(post, "points", "alone"),
            "points_most": _limits(post, "points", "most"),
            "refund_alone": _limits(post, "refund", "alone"),
            "refund_most": _limits(post, "refund", "most"),
            "coupons_alone": post.get("coupons_alone", ""),
            "coupons_most": post.get("coupons_most", ""),
        },
        "low_scores": {
            **{kind: post.get(f"low-{kind}", "").strip() or None for kind in SCORES},
            "except_surveys": post.getlist("except_surveys"),
            "team": post.get("low_team", ""),
        },
        "word_days": post.get("word_days", ""),
        "recourse": post.get("recourse", ""),
        "recourse_zh": post.get("recourse_zh", ""),
    }


def _values(policy: PolicyDocument) -> dict[str, str]:
    found = {
        "calendar": policy.calendar,
        "default_team": policy.default_team,
        "word_days": str(policy.word_days),
        "recourse": policy.recourse,
        "recourse_zh": policy.recourse_zh,
        "coupons_alone": str(policy.limits.coupons_alone),
        "coupons_most": str(policy.limits.coupons_most),
        "low_team": policy.low_scores.team,
    }
    for kind in SCORES:
        most = getattr(policy.low_scores, kind)
        found[f"low-{kind}"] = "" if most is None else str(most)
    for severity in Severity:
        deadlines = policy.deadlines(severity)
        for kind in ClockKind:
            found[_name(severity, kind)] = f"{deadlines.seconds(kind) / 3600:g}"
    for number, rule in enumerate(policy.rules):
        found |= {f"rule-{number}-{field}": getattr(rule, field) for field in RULE_FIELDS}
    for number, step in enumerate(policy.escalation):
        found |= {f"step-{number}-percent": str(step.at_percent), f"step-{number}-team": step.team}
    limits = policy.limits
    found |= _limit_values("points", limits.points_alone, limits.points_most)
    found |= _limit_values("refund", limits.refund_alone, limits.refund_most)
    return found


def _limit_values(kind: str, alone: Mapping[str, Any], most: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for number, code in enumerate(sorted({*alone, *most})):
        found[f"{kind}-{number}-code"] = code
        found[f"{kind}-{number}-alone"] = str(alone.get(code, 0))
        found[f"{kind}-{number}-most"] = str(most.get(code, ""))
    return found


def _limits(post: QueryDict, kind: str, part: str) -> dict[str, str]:
    pairs = ((post.get(f"{kind}-{n}-code", "").strip(), post.get(f"{kind}-{n}-{part}", "")) for n in range(LIMITS))
    return {code: amount for code, amount in pairs if code and amount}


def _name(severity: Severity, kind: ClockKind) -> str:
    return f"{severity.value}-{kind.value}"


def _minutes(hours: str) -> object:
    """Return hours as whole minutes; what is no number stays as it is, for the refusal to name it."""
    try:
        return round(float(hours) * 60)
    except (ValueError, OverflowError):
        return hours
