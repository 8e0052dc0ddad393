"""Which companies are offered as one, and which are not."""

import pytest

from troth.customers.matching.companies import CompanyRecord, core_name, find_likely_companies


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("上海永安纸业有限公司", "永安纸业"),
        ("永安纸业（上海）股份有限公司", "永安纸业"),
        ("浙江省杭州市西湖茶叶集团有限公司", "西湖茶叶"),
        ("上海公司", "上海"),
        ("Meridian Tea Co., Ltd.", "meridiantea"),
        ("The Meridian-Tea Company", "meridiantea"),
        ("MÜLLER & Söhne GmbH", "mullersohne"),
        ("Co. Ltd.", "co.ltd."),
        ("", ""),
    ],
)
def test_the_core_of_a_name(name, core):
    assert core_name(name) == core


def pairs(*records):
    numbered = [CompanyRecord(str(number), **record) for number, record in enumerate(records)]
    return [(pair.left_id, pair.right_id) for pair in find_likely_companies(numbered)]


PHONE = {"phones": ("+862112345678",)}
TAX = {"tax_ids": ("91310000-MA1K3Y2X0P",)}


@pytest.mark.parametrize(
    ("left", "right", "is_offered"),
    [
        ({"name": "永安纸业有限公司"}, {"name": "上海永安纸业"}, True),
        ({"name": "永安纸业"}, {"name": "永安保险"}, False),
        ({"name": "永安纸业", **PHONE}, {"name": "永安纸业包装", **PHONE}, True),
        ({"name": "永安纸业"}, {"name": "永安纸业包装"}, False),
        ({"name": "永安纸业", **PHONE}, {"name": "东方茶叶", **PHONE}, False),  # one bookkeeper
        ({"name": "Yongan Paper", **TAX}, {"name": "永安纸业", "tax_ids": ("91310000ma1k3y2x0p",)}, True),
        ({"name": "永安纸业", **TAX}, {"name": "永安纸业", "tax_ids": ("91440300MA5D000000",)}, False),
        ({"name": "永安", "emails": ("a@qq.com",)}, {"name": "东方", "emails": ("b@qq.com",)}, False),
        (
            {"name": "Meridian Tea", "emails": ("a@meridian.cn",)},
            {"name": "Meridian", "emails": ("b@meridian.cn",)},
            True,
        ),
    ],
)
def test_which_companies_are_offered_as_one(left, right, is_offered):
    assert pairs(left, right) == ([("0", "1")] if is_offered else [])


def test_what_a_crowd_shares_says_nothing():
    crowd = [{"name": f"店铺{chr(0x4E00 + number)}号", **PHONE} for number in range(60)]
    assert pairs(*crowd) == []
