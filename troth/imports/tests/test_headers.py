import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.imports import headers, rules, targets
from troth.imports.targets import Shape


@pytest.mark.parametrize(
    ("columns", "shape", "mapping"),
    [
        (
            [
                "household_id",
                "store_id",
                "basket_id",
                "product_id",
                "quantity",
                "sales_value",
                "retail_disc",
                "transaction_timestamp",
            ],
            Shape.LINES,
            {
                "customer_id": 0,
                "store": 1,
                "order_id": 2,
                "sku": 3,
                "quantity": 4,
                "net_amount": 5,
                "discount_amount": 6,
                "ordered_at": 7,
            },
        ),
        (
            ["订单编号（必填）", "会员手机号", "下单时间", "商品编码", "商品名称", "数量", "单价(元)", "实付金额"],
            Shape.LINES,
            {
                "order_id": 0,
                "phone": 1,
                "ordered_at": 2,
                "sku": 3,
                "product_name": 4,
                "quantity": 5,
                "unit_price": 6,
                "net_amount": 7,
            },
        ),
        (
            ["customer_id", "date", "quantity", "amount"],
            Shape.LINES,
            {"customer_id": 0, "ordered_at": 1, "quantity": 2, "net_amount": 3},
        ),
        (
            ["Order No.", "Customer Number", "Order Date", "Grand Total", "Channel"],
            Shape.ORDERS,
            {"order_id": 0, "customer_id": 1, "ordered_at": 2, "net_amount": 3, "channel": 4},
        ),
        (
            ["会员卡号", "姓名", "性别", "出生日期", "手机", "电子邮箱", "入会日期", "城市", "标签"],
            Shape.CUSTOMERS,
            {
                "card": 0,
                "name": 1,
                "gender": 2,
                "birth_date": 3,
                "phone": 4,
                "email": 5,
                "joined_date": 6,
                "city": 7,
                "tags": 8,
            },
        ),
    ],
)
def test_columns_are_guessed(columns, shape, mapping):
    assert headers.guess(columns, targets.of_shape(shape)) == mapping


@pytest.mark.parametrize(
    ("columns", "shape"),
    [
        (["order id", "sku", "qty", "amount", "customer id", "date"], Shape.LINES),
        (["小票号", "会员号", "消费时间", "消费金额"], Shape.ORDERS),
        (["会员号", "姓名", "手机", "入会日期"], Shape.CUSTOMERS),
        (["foo", "bar"], Shape.CUSTOMERS),
    ],
)
def test_shape_is_guessed(columns, shape):
    assert headers.guess_shape(columns) == shape


@pytest.mark.parametrize(
    ("header", "normal"),
    [
        (" Order_ID ", "orderid"),
        ("金额（元）", "金额"),
        ("ＯＲＤＥＲ　ＮＯ．", "orderno"),
        ("Order #", "orderno"),
        ("(备注)", "备注"),
    ],
)
def test_headers_are_compared_without_case_width_and_remarks(header, normal):
    assert headers.normalise(header) == normal


def test_fingerprint_knows_the_same_export_again():
    first = headers.fingerprint(["Order ID", "金额（元）"], Shape.ORDERS)
    assert first == headers.fingerprint(["order_id", "金额"], Shape.ORDERS)
    assert first != headers.fingerprint(["order_id", "金额"], Shape.LINES)
    assert first != headers.fingerprint(["金额", "order_id"], Shape.ORDERS)


@pytest.mark.slow
@given(st.lists(st.text(max_size=20), max_size=30), st.sampled_from(Shape))
def test_a_guess_uses_each_column_once(columns, shape):
    mapping = headers.guess(columns, targets.of_shape(shape))
    assert len(set(mapping.values())) == len(mapping)
    assert set(mapping) <= {target.code for target in targets.of_shape(shape)}


def test_aliases_are_written_as_they_are_compared():
    wrong = [alias for target in targets.TARGETS for alias in target.aliases if headers.normalise(alias) != alias]
    assert wrong == []


def test_missing_targets_are_named_by_group():
    assert targets.missing(Shape.LINES, {"order_id", "phone", "ordered_at", "unit_price"}) == []
    assert targets.missing(Shape.ORDERS, {"order_id"}) == [
        ("customer_id", "card", "phone", "email"),
        ("ordered_at",),
        ("net_amount",),
    ]


@pytest.mark.slow
def test_every_code_that_is_used_has_its_sentence():
    used = set()
    folder = Path(rules.__file__).parent
    for path in folder.rglob("*.py"):
        if "tests" in path.relative_to(folder).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("refuse", "mend"):
                used |= {argument.value for argument in node.args[1:2] if isinstance(argument, ast.Constant)}
            if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "mended":
                used |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
    assert used - rules.REFUSALS.keys() - rules.MENDINGS.keys() == set()
    assert len(used) > 50


@pytest.mark.parametrize("code", rules.REFUSALS)
def test_every_refusal_makes_a_sentence_even_without_its_values(code):
    text = rules.refusal_text(code, {"value": "a\x00b" + "x" * 200, "column": "Amount"})
    assert "%(" not in text
    assert "x" * 100 not in text


@pytest.mark.parametrize("bracket", ["(", "[", "<", "（"])
def test_a_header_of_brackets_is_read_by_its_beginning(bracket):
    """In time that grows with the square of the length, two million brackets would take hours."""
    assert headers.normalise(bracket * 2_000_000) == ""
    assert headers.normalise("Order No. " + bracket * 2_000_000) == "orderno"
