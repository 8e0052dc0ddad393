"""Programmes to begin with: whole documents that can be read, changed and published as they are."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready-made programme. body: YAML after the head; its comments are filled in the language in force."""

    code: str
    name: Promise
    purpose: Promise
    icon: str
    body: str

    def text(self, *, programme: str, name: str, name_zh: str, currency: str, points: str) -> str:
        """Return the document under a code and name, in the company's currency and a point currency."""
        names = f"{{en: {_quoted(name)}, zh: {_quoted(name_zh)}}}" if name_zh else _quoted(name)
        head = f"programme: {programme}\nname: {names}\ncurrency: {currency}\npoints: {points}\n"
        return head + self.body % {**_comments(), "points": points}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _comments() -> dict[str, str]:
    return {
        "cost": _("What one point costs the company. Liability and rehearsals count with it."),
        "rules": _("What earns. Each rule says why it gave something, or why not."),
        "tiers": _("Tiers are reached by what was earned, never by the balance: spending points demotes nobody."),
        "groups": _("Of the rules of a group only the best for the member counts."),
        "caps": _("Limits over several rules together."),
        "budgets": _("What these rules may give away together; exact, also when many buy at once."),
    }


_CLUB = """
# %(cost)s
unit_costs: {%(points)s: 0.01}

# %(groups)s
groups:
  - {code: treats, take: best}

# %(rules)s
rules:
  - code: base
    name: {en: "1 point per 1 spent", zh: 消费 1 元积 1 分}
    effect: {type: points_per_amount, points: 1, amount: 1}
  - code: weekend
    name: {en: Weekend ×2, zh: 周末双倍}
    group: treats
    when: {field: time.weekday, operator: any_of, value: [saturday, sunday]}
    effect: {type: multiplier, factor: 2}
  - code: birthday
    name: {en: Birthday week ×3, zh: 生日周三倍}
    group: treats
    when: {field: member.birthday, operator: has_any_of, value: [week]}
    effect: {type: multiplier, factor: 3}
    budget: birthdays
  - code: welcome
    name: {en: Second order within the first month, zh: 首月第二单奖励}
    when:
      all:
        - {field: member.order_number, operator: equals, value: 2}
        - {field: member.joined_days, operator: at_most, value: 30}
    effect: {type: fixed, points: 50}
    counts_for_tier: false

# %(caps)s
caps:
  - {code: daily, per: member, period: day, points: 5000}

# %(budgets)s
budgets:
  - {code: birthdays, name: {en: Birthday week, zh: 生日周}, points: 1000000, period: month}

# %(tiers)s
tiers:
  window: {type: rolling, months: 12}
  grace_days: 30
  ladder:
    - code: member
      name: {en: Member, zh: 普通会员}
    - code: silver
      name: {en: Silver, zh: 银卡}
      reach: {spend: 2000}
      benefits: [{en: Early access to sales, zh: 优惠活动提前购}]
    - code: gold
      name: {en: Gold, zh: 金卡}
      reach: {spend: 6000}
      keep: {spend: 5000}
      benefits: [{en: Free delivery, zh: 免运费}, {en: Birthday gift, zh: 生日礼}]
"""

_VISITS = """
# %(cost)s
unit_costs: {%(points)s: 0.01}

# %(rules)s
rules:
  - code: visit
    name: {en: 10 points for every visit, zh: 每次到店得 10 积分}
    when: {field: order.eligible_amount, operator: at_least, value: "20"}
    effect: {type: fixed, points: 10}
    caps:
      - {per: member, period: day, times: 2}
  - code: tenth
    name: {en: Every tenth visit, zh: 每满十次奖励}
    when: {field: order.eligible_amount, operator: at_least, value: "20"}
    nth: {every: 10}
    effect: {type: fixed, points: 100}
  - code: morning
    name: {en: Before ten in the morning, zh: 早间时段}
    when: {field: time.hour, operator: less_than, value: 10}
    effect: {type: fixed, points: 5}
    budget: mornings

# %(budgets)s
budgets:
  - {code: mornings, name: {en: Mornings, zh: 早间}, points: 200000, period: month}

# %(tiers)s
tiers:
  window: {type: calendar, period: quarter}
  ladder:
    - code: guest
      name: {en: Guest, zh: 客人}
    - code: regular
      name: {en: Regular, zh: 常客}
      reach: {visits: 8}
    - code: friend
      name: {en: Friend of the house, zh: 老朋友}
      reach: {visits: 20}
"""

_PRESTIGE = """
# %(cost)s
unit_costs: {%(points)s: 0.05}

# %(rules)s
rules:
  - code: base
    name: {en: 1 point per 10 spent, zh: 消费 10 元积 1 分}
    effect: {type: points_per_amount, points: 1, amount: 10, rounding: {by: order, mode: floor}}
  - code: gold-double
    name: {en: Upper tiers earn twice, zh: 高等级双倍}
    when: {field: member.tier, operator: any_of, value: [gold, diamond]}
    effect: {type: multiplier, factor: 2}
  - code: large
    name: {en: For large purchases, zh: 大额消费奖励}
    effect:
      type: stepped
      steps:
        - {from: 10000, points: 300}
        - {from: 50000, points: 2000}
    pending: {days: 30}

# %(tiers)s
tiers:
  window: {type: membership_year}
  grace_days: 60
  ladder:
    - code: silver
      name: {en: Silver, zh: 银卡}
    - code: gold
      name: {en: Gold, zh: 金卡}
      reach: {any: [{spend: 30000}, {visits: 12}]}
      benefits: [{en: Free cleaning and care, zh: 免费清洗保养}]
    - code: diamond
      name: {en: Diamond, zh: 钻石卡}
      reach: {spend: 120000}
      keep: {spend: 80000}
      benefits: [{en: A personal adviser, zh: 专属顾问}, {en: Private viewings, zh: 私享品鉴}]
"""

STARTERS = (
    Starter(
        "club",
        gettext_lazy("Points and tiers"),
        gettext_lazy("One point for every unit spent, better at weekends and birthdays, three tiers by yearly spend."),
        "stars",
        _CLUB,
    ),
    Starter(
        "visits",
        gettext_lazy("Visits"),
        gettext_lazy("Points for coming back: every visit, every tenth, quiet mornings. For cafés and counters."),
        "calendar-event",
        _VISITS,
    ),
    Starter(
        "prestige",
        gettext_lazy("Prestige"),
        gettext_lazy("Few and large purchases: points per ten spent, steps, tiers by membership year with grace."),
        "diamond",
        _PRESTIGE,
    ),
)


def starter(code: str) -> Starter:
    """Return the ready-made programme of a code, the first for an unknown one."""
    return next((one for one in STARTERS if one.code == code), STARTERS[0])
