"""Texts of journeys for tests."""

HEAD = """journey: {code}
name: {{en: Test, zh: 测试}}
entry: {entry}
reentry: {reentry}
"""

BY_LIST = "{type: list}"
BY_ORDER = "{type: event, event: activity.order.recorded, key: order}"
NEVER = "{rule: never}"


def text(steps: str, *, code: str = "test", entry: str = BY_LIST, reentry: str = NEVER, more: str = "") -> str:
    """Return a journey's document with these steps."""
    return HEAD.format(code=code, entry=entry, reentry=reentry) + more + "steps:\n" + steps
