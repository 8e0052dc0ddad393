"""Ready-made checklists, one for each kind of visit, in both languages."""

from typing import Any

from ..models import VisitKind

_Item = tuple[str, int, int, bool, str, str]
_Section = tuple[str, str, list[_Item]]


def _document(*sections: _Section) -> dict[str, Any]:
    return {
        "sections": [
            {
                "title": title,
                "title_zh": title_zh,
                "items": [
                    {
                        "key": key,
                        "weight": weight,
                        "points": points,
                        "is_critical": is_critical,
                        "text": text,
                        "text_zh": text_zh,
                    }
                    for key, weight, points, is_critical, text, text_zh in items
                ],
            }
            for title, title_zh, items in sections
        ]
    }


CHECKLISTS: dict[str, tuple[VisitKind, str, str, dict[str, Any]]] = {
    "store-visit": (
        VisitKind.MYSTERY,
        "Mystery visit to a store",
        "门店神秘顾客检查",
        _document(
            (
                "Outside and first impression",
                "门头与第一印象",
                [
                    ("front-clean", 2, 5, False, "Front, window and door are clean", "门头、橱窗、大门整洁"),
                    ("greeted", 4, 5, False, "Greeted within half a minute", "30 秒内有人招呼"),
                ],
            ),
            (
                "Advice",
                "接待与介绍",
                [
                    ("asked-need", 5, 5, False, "Asked what I need before showing anything", "先询问需求再介绍商品"),
                    ("knows-goods", 5, 5, False, "Knows the goods and tells the truth", "熟悉商品，如实介绍"),
                    ("no-pressure", 3, 5, False, "No pressure to buy", "不强行推销"),
                ],
            ),
            (
                "At the till",
                "收银",
                [
                    ("wait", 3, 5, False, "Waited less than five minutes", "等候不超过 5 分钟"),
                    ("member-asked", 2, 1, False, "Asked for the membership", "询问会员身份"),
                    ("bill-right", 6, 1, True, "The bill is right", "账单准确"),
                ],
            ),
            (
                "Cleanliness and safety",
                "卫生与安全",
                [
                    ("clean", 4, 5, False, "Floor and shelves are clean", "地面与货架整洁"),
                    ("exits-free", 6, 1, True, "Emergency exits are free", "安全通道畅通"),
                ],
            ),
        ),
    ),
    "own-call": (
        VisitKind.CALL,
        "Manager calls the own company",
        "管理者拨打自家电话",
        _document(
            (
                "The call",
                "通话",
                [
                    ("answered", 4, 5, False, "Answered within five rings", "五声之内接听"),
                    ("polite", 3, 5, False, "Friendly, says company and name", "礼貌，报公司与姓名"),
                    ("solved", 6, 5, False, "Question answered, or called back as promised", "问题得到解答或按约回电"),
                    ("not-passed", 3, 5, False, "Not passed on more than once", "转接不超过一次"),
                ],
            )
        ),
    ),
    "planted-complaint": (
        VisitKind.PLANTED,
        "Planted complaint",
        "模拟投诉",
        _document(
            (
                "How the complaint is taken",
                "受理",
                [
                    ("listened", 4, 5, False, "Listened to the end, no excuses", "耐心听完，不找借口"),
                    ("number", 3, 1, True, "A case with a number was made at once", "当场建单并告知工单号"),
                    ("sorry", 2, 5, False, "Said sorry and meant it", "真诚致歉"),
                    ("offered", 4, 5, False, "Offered a remedy", "提出补救办法"),
                    ("kept", 5, 5, False, "Kept what was promised, in time", "按时兑现承诺"),
                ],
            )
        ),
    ),
    "market-visit": (
        VisitKind.MARKET,
        "Market visit to a dealer",
        "经销商市场巡查",
        _document(
            (
                "Goods and prices",
                "商品与价格",
                [
                    ("range", 3, 5, False, "Our range is there", "我方商品齐全"),
                    ("place", 3, 5, False, "In a good place, well presented", "陈列位置好"),
                    ("price-kept", 5, 5, False, "Prices as agreed", "执行约定价格"),
                    ("genuine", 6, 1, True, "All goods are genuine and in date", "均为正品且在有效期内"),
                ],
            ),
            (
                "Dealer",
                "经销商",
                [
                    ("knows", 3, 5, False, "Staff know our goods", "员工熟悉我方商品"),
                    ("rivals", 2, 5, False, "Competitors' offers noted", "已记录竞品活动"),
                ],
            ),
        ),
    ),
}
