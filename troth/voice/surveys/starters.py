"""Ready-made surveys in both languages, to begin with and to change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Starter:
    """A survey to begin with. about: when it is for, in both languages."""

    code: str
    kind: str
    name: Pair
    about: Pair
    document: dict[str, Any]


def _said(pair: Pair) -> dict[str, str]:
    return {"en": pair[0], "zh": pair[1]}


def _page(code: str, *questions: dict[str, Any], show_if: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "questions": list(questions)} | ({"show_if": show_if} if show_if else {})


def _ask(code: str, kind: str, text: Pair, label: Pair | None = None, **more: Any) -> dict[str, Any]:
    return {"code": code, "type": kind, "text": _said(text)} | ({"label": _said(label)} if label else {}) | more


def _options(*options: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"code": code, "text": {"en": en, "zh": zh}} for code, en, zh in options]


def _five(code: str, text: Pair, measures: str, label: Pair | None = None) -> dict[str, Any]:
    ends = {"low_text": _said(("Not at all", "完全不同意")), "high_text": _said(("Completely", "完全同意"))}
    return _ask(code, "scale", text, label, low=1, high=5, measures=measures, **ends)


_THANKS = ("Thank you. We read every answer.", "谢谢您，每一份答卷我们都会认真阅读。")
_PARTS = _options(
    ("product", "Products", "产品"),
    ("service", "Service", "服务"),
    ("price", "Value for money", "性价比"),
    ("place", "Store and atmosphere", "门店环境"),
    ("waiting", "Waiting time", "等候时间"),
)


def _doc(title: Pair, main: str, *pages: dict[str, Any], intro: Pair = ("", "")) -> dict[str, Any]:
    found = {"title": _said(title), "thanks": _said(_THANKS), "main": main, "pages": list(pages)}
    return found | ({"intro": _said(intro)} if intro[0] else {})


def _at_most(field: str, value: int) -> dict[str, Any]:
    return {"field": f"answers.{field}", "operator": "at_most", "value": value}


_NPS = Starter(
    "nps",
    "nps",
    ("Would you recommend us?", "您会推荐我们吗？"),
    (
        "Twice a year, to a random sample: how loyal customers feel, and why.",
        "每半年随机抽样一次：客户的心声与原因。",
    ),
    _doc(
        ("Would you recommend us?", "您会推荐我们吗？"),
        "recommend",
        _page(
            "score",
            _ask(
                "recommend",
                "nps",
                ("How likely are you to recommend us to a friend?", "您有多大可能把我们推荐给朋友？"),
                ("Recommendation", "推荐度"),
                is_required=True,
            ),
        ),
        _page(
            "mend",
            _ask("wrong", "text", ("What did we do badly?", "我们哪里做得不好？"), ("What was bad", "不足之处")),
            show_if=_at_most("recommend", 6),
        ),
        _page(
            "parts",
            _ask(
                "parts",
                "matrix",
                ("How satisfied are you with …", "您对以下各方面满意吗？"),
                ("Satisfaction with parts", "各方面满意度"),
                rows=_PARTS,
                low=1,
                high=5,
                is_driver=True,
            ),
            _ask("wish", "text", ("What should we do next?", "您希望我们接下来做什么？"), ("Wishes", "期望")),
        ),
    ),
)
_CSAT = Starter(
    "csat",
    "csat",
    ("How was your purchase?", "本次购物感受"),
    ("A day after a purchase: was it as it should be?", "购物后一天：一切都好吗？"),
    _doc(
        ("How was your purchase?", "本次购物感受"),
        "happy",
        _page(
            "score",
            _ask(
                "happy",
                "csat",
                ("How satisfied are you with your purchase?", "您对本次购物满意吗？"),
                ("Satisfaction", "满意度"),
                is_required=True,
            ),
            _ask("staff", "scale", ("Our staff", "店员服务"), low=1, high=5, is_driver=True),
            _ask("goods", "scale", ("What you bought", "所购商品"), low=1, high=5, is_driver=True),
            _ask("checkout", "scale", ("Paying", "付款过程"), low=1, high=5, is_driver=True),
        ),
        _page(
            "mend",
            _ask(
                "wrong",
                "choices",
                ("What was not right?", "哪里不好？"),
                options=_options(
                    ("goods", "The goods", "商品"), ("staff", "The staff", "店员"), ("wait", "The wait", "等候")
                ),
                has_other=True,
            ),
            show_if=_at_most("happy", 3),
        ),
        _page("words", _ask("words", "text", ("Anything else?", "还有什么想说的吗？"), ("In their words", "原话"))),
    ),
)
_CES = Starter(
    "ces",
    "ces",
    ("Was it easy?", "办理是否方便"),
    ("After a service request or a complaint: how much effort it took.", "服务或投诉办结后：客户费了多少力。"),
    _doc(
        ("Was it easy?", "办理是否方便"),
        "easy",
        _page(
            "score",
            _ask(
                "easy",
                "ces",
                ("The company made it easy for me to settle my matter.", "贵公司让我很方便地解决了问题。"),
                ("Ease", "方便程度"),
                is_required=True,
            ),
            _ask(
                "settled",
                "choice",
                ("Is the matter settled?", "问题解决了吗？"),
                options=_options(("yes", "Yes", "已解决"), ("partly", "In part", "部分解决"), ("no", "No", "没有解决")),
            ),
            _ask(
                "words",
                "text",
                ("What took the most effort?", "最费力的是什么？"),
                ("What took effort", "费力之处"),
            ),
        ),
    ),
)
_LOYALTY = Starter(
    "loyalty",
    "loyalty",
    ("How you feel about us", "您与我们"),
    (
        "Once a year: trust, preference and intention, which the loyalty index takes in.",
        "每年一次：信任、偏好与意向，计入忠诚指数。",
    ),
    _doc(
        ("How you feel about us", "您与我们"),
        "recommend",
        _page(
            "attitude",
            _ask(
                "recommend",
                "nps",
                ("How likely are you to recommend us?", "您有多大可能推荐我们？"),
                ("Recommendation", "推荐度"),
            ),
            _five(
                "satisfied",
                ("All in all I am satisfied.", "总体上我很满意。"),
                "satisfaction",
                ("Satisfaction", "满意度"),
            ),
            _five("trust", ("I trust this company.", "我信任这家公司。"), "trust", ("Trust", "信任")),
            _five(
                "prefer",
                ("I prefer it to others.", "比起别家我更喜欢这家。"),
                "preference",
                ("Preference", "偏好"),
            ),
        ),
        _page(
            "intention",
            _five(
                "stay",
                ("I mean to stay a customer.", "我打算一直做这里的客户。"),
                "intention",
                ("Intention", "意向忠诚"),
            ),
            _five(
                "forgive",
                ("I would forgive it a mistake.", "偶有失误我会谅解。"),
                "tolerance",
                ("Tolerance", "宽容度"),
            ),
            _ask(
                "words",
                "text",
                ("What would make you stay for ever?", "怎样才能让您一直留下来？"),
                ("In their words", "原话"),
            ),
        ),
    ),
)


def _kano(code: str, text: Pair) -> dict[str, Any]:
    return _ask(code, "kano", text)


_KANO = Starter(
    "kano",
    "kano",
    ("What matters to you?", "什么对您重要"),
    (
        "Before deciding what to build: what is taken for granted, what delights.",
        "决定做什么之前：哪些理所当然，哪些令人惊喜。",
    ),
    _doc(
        ("What matters to you?", "什么对您重要"),
        "",
        _page(
            "one",
            _kano("clean", ("A clean store", "门店整洁")),
            _kano("queue", ("No queue at the till", "结账不排队")),
        ),
        _page(
            "two",
            _kano("delivery", ("Delivery within an hour", "一小时送达")),
            _kano("birthday", ("A surprise on the birthday", "生日惊喜")),
        ),
        _page(
            "words",
            _ask(
                "first",
                "ranking",
                ("What should we do first?", "我们应该先做哪件事？"),
                options=_options(
                    ("clean", "A clean store", "门店整洁"),
                    ("queue", "No queue", "不排队"),
                    ("delivery", "Quick delivery", "快速送达"),
                    ("birthday", "Birthday surprise", "生日惊喜"),
                ),
            ),
            _ask(
                "words",
                "text",
                ("What do you miss here?", "您觉得这里还缺什么？"),
                ("What is missing", "缺少什么"),
            ),
        ),
    ),
)
_VALUE = Starter(
    "value",
    "value",
    ("What you get for it", "物有所值吗"),
    (
        "Once a year: what customers get and give, here and with a competitor.",
        "每年一次：客户在我们和竞争对手处的所得与付出。",
    ),
    _doc(
        ("What you get for it", "物有所值吗"),
        "worth",
        _page(
            "compare",
            _ask(
                "value",
                "value",
                ("Rate us, and the shop you know best besides.", "请给我们和您最熟悉的另一家打分。"),
                ("Delivered value", "让渡价值"),
                hint=_said(("For price, time and effort: 10 means little.", "价格、时间、精力：10 表示花费很少。")),
                parts=["product", "service", "staff", "image", "money", "time", "energy", "effort"],
                rivals=_options(("rival_a", "Competitor A", "竞争对手甲"), ("rival_b", "Competitor B", "竞争对手乙")),
            ),
        ),
        _page(
            "all",
            _ask(
                "worth",
                "csat",
                ("All in all: was it worth it?", "总的来说，物有所值吗？"),
                ("Worth it", "物有所值"),
                measures="satisfaction",
            ),
            _ask(
                "words",
                "text",
                ("What do others do better?", "别家哪里做得更好？"),
                ("Others do better", "别家的长处"),
            ),
        ),
    ),
)
STARTERS: Mapping[str, Starter] = {one.code: one for one in (_NPS, _CSAT, _CES, _LOYALTY, _VALUE, _KANO)}
"""By code."""


def starter(code: str) -> Starter | None:
    """Return the ready-made survey of a code, or None."""
    return STARTERS.get(code)
