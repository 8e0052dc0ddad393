"""Segments of the demonstration: three groups that a company asks for first, of whoever the data and answers put in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from troth.access.actors import Actor
from troth.segments import queries, services


def _is(field: str, operator: str, value: Any) -> Mapping[str, Any]:
    return {"field": field, "operator": operator, "value": value}


WANTED: Sequence[tuple[str, str, str, str, Sequence[Mapping[str, Any]]]] = (
    (
        "Silver and above, silent for 30 days",
        "白银及以上，30 天未光顾",
        "Made up for the demonstration: call them before they are gone.",
        "演示用：在流失之前先打电话。",
        (_is("score.band", "any_of", ["diamond", "gold", "silver"]), _is("orders.last_date", "at_least_days_ago", 30)),
    ),
    (
        "New in the last three months",
        "近三个月的新客",
        "Made up for the demonstration: the second purchase makes a customer.",
        "演示用：第二次购买才算真正的客户。",
        (_is("orders.first_date", "in_last_days", 90),),
    ),
    (
        "Open to e-mail",
        "同意接收邮件",
        "Made up for the demonstration: a known address, and a yes to offers by e-mail or by any channel.",
        "演示用：有邮箱，并同意通过邮件或任何渠道接收优惠。",
        (
            _is("contact.known_by", "has_any_of", ["email"]),
            _is("contact.consents", "has_any_of", ["marketing.email", "marketing.any"]),
        ),
    ),
)


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Publish the segments that are not there yet; their members are worked out in the background."""
    there = set(queries.segments().values_list("name", flat=True))
    for name, name_zh, purpose, purpose_zh, parts in WANTED:
        if name in there:
            continue
        row = services.create_segment(
            actor=actor,
            now=now,
            name=name,
            name_zh=name_zh,
            description=purpose_zh if language.startswith("zh") else purpose,
            definition={"all": list(parts)},
        )
        services.publish(actor=actor, now=now, segment_id=row.id)
