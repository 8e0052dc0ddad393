"""Words that say nothing, words that speak of a theme, and words that give information away. Small and readable."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = """
a about after again all also always am an and any are aren't as at be because been before being both but by
can can't could couldn't did didn't do does doesn't doing don't down each ever every everything few for from
further get got had has hasn't have haven't having he her here him his how i i'd i'll i'm i've if in into is
isn't it it's its itself just let like made make many may me more most much must my myself never no nor not
now of off often on once one only or other our out over own per quite really same she should so some something
still such than that that's the their them then there these they they're thing this those though through time
to too under until up upon us use used very want was wasn't way we we're well went were weren't what when
where which while who whom why will with won't would wouldn't yes yet you you're your yours
"""
ENGLISH_STOP = frozenset(_ENGLISH.split())
_HAN = """
我们 你们 他们 她们 它们 自己 这个 那个 这些 那些 这样 那样 这里 那里 这么 那么 什么 怎么
为什么 怎样 哪里 哪个 一个 一些 一点 一下 一次 一直 一样 一般 有点 有些 有的 没有 不是 不会
不能 不要 不用 不过 就是 还是 还有 只是 只有 可以 可能 应该 需要 已经 正在 因为 所以 但是
而且 如果 虽然 然后 或者 以及 关于 对于 由于 并且 非常 比较 特别 真的 确实 其实 感觉 觉得
认为 知道 时候 东西 现在 以后 之后 以前 之前 每次 大家 很多 许多 多少 起来 出来 下来 过来
进去 来说 的话 之类 等等 能够 最好 总体 整体 还好 不错 是否
"""
HAN_STOP = frozenset(_HAN.split())

THEMES: Mapping[str, frozenset[str]] = {
    "staff": frozenset({"staff", "clerk", "waiter", "waitress", "assistant", "cashier", "employee", "manager", "rude"}),
    "quality": frozenset(
        {"quality", "taste", "fresh", "stale", "broken", "defect", "fault", "cold", "material", "product"}
    ),
    "price": frozenset({"price", "expensive", "cheap", "cost", "discount", "coupon", "value", "money", "overpriced"}),
    "waiting": frozenset({"wait", "waiting", "waited", "queue", "slow", "line", "long", "checkout", "late", "delay"}),
    "delivery": frozenset({"delivery", "deliver", "delivered", "shipping", "parcel", "courier", "package"}),
    "place": frozenset({"store", "shop", "clean", "dirty", "parking", "seat", "noise", "noisy", "crowded", "music"}),
    "range": frozenset(
        {"choice", "selection", "variety", "stock", "sold", "size", "colour", "color", "brand", "range"}
    ),
    "programme": frozenset({"point", "member", "membership", "reward", "tier", "birthday", "card", "programme"}),
    "app": frozenset({"app", "website", "online", "login", "password", "payment", "wechat", "account"}),
    "after_sales": frozenset({"return", "refund", "exchange", "repair", "warranty", "complaint", "hotline", "reply"}),
}
THEMES_HAN: Mapping[str, tuple[str, ...]] = {
    "staff": ("店员", "服务员", "导购", "员工", "态度", "经理", "收银员", "热情", "冷淡", "师傅"),
    "quality": ("质量", "味道", "口味", "新鲜", "坏了", "瑕疵", "做工", "材质", "凉了", "变质", "品质"),
    "price": ("价格", "贵", "便宜", "优惠", "折扣", "性价比", "涨价", "划算", "打折"),
    "waiting": ("等了", "排队", "等待", "太慢", "久等", "等位", "拖延", "效率"),
    "delivery": ("配送", "快递", "外卖", "送货", "物流", "包裹", "发货"),
    "place": ("环境", "卫生", "干净", "脏", "停车", "座位", "吵", "拥挤", "装修", "门店"),
    "range": ("品种", "种类", "缺货", "断货", "尺码", "颜色", "款式", "选择少", "新品"),
    "programme": ("积分", "会员", "等级", "礼品", "生日礼", "兑换", "会员卡"),
    "app": ("小程序", "公众号", "网站", "登录", "密码", "支付", "下单", "页面", "卡顿"),
    "after_sales": ("退货", "退款", "换货", "售后", "维修", "保修", "投诉", "客服", "热线"),
}

INFORMATION: Mapping[str, tuple[str, ...]] = {
    "need": (
        "希望", "想要", "需要", "能不能", "要是有", "如果有", "缺少", "期待",
        "i wish", "wish you", "i need", "we need", "would be nice", "would be great if", "looking for", "i would like",
        "i'd like", "missing", "please have", "hope you",
    ),
    "idea": (
        "建议", "不妨", "可以考虑", "可以增加", "最好能", "不如", "改成", "应该",
        "i suggest", "suggestion", "you could", "you should", "why not", "how about", "idea", "it would help",
        "maybe you can",
    ),
    "competitor": (
        "别家", "其他家", "另一家", "隔壁", "竞争对手", "同行", "人家",
        "competitor", "other shop", "other store", "another shop", "another store", "elsewhere", "next door",
        "the other chain",
    ),
    "praise": (
        "很好", "喜欢", "满意", "点赞", "棒", "感谢", "热情", "贴心", "周到", "好吃", "惊喜", "推荐给",
        "great", "excellent", "love", "wonderful", "thank", "thanks", "friendly", "delicious", "perfect", "best",
        "helpful", "amazing",
    ),
}  # fmt: skip
"""Signs of information value, the most telling first."""
