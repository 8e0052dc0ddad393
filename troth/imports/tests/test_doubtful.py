"""Doubtful cells: a row goes in without them where it can, and is refused where it would mean something else."""

import csv
import datetime as dt

import pytest

from troth.activity.models import Order, OrderLine
from troth.customers.models import Customer, Identity
from troth.imports.targets import Shape

from .conftest import noted_of, refused_of

# An import commits batch by batch, and its job starts on commit.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_a_customer_goes_in_without_the_cells_that_cannot_be_read(bring):
    run = bring(
        "会员号,姓名,手机,邮箱,出生日期,入会日期,性别,标签\n"
        "C1,王小明,13800138000,li.lei@,2190-05-01,去年,也许,=1+1\n"
        "C2,李静,138,li@example.com,1990-05-01,2021-03-01,女,常客\n",
        Shape.CUSTOMERS,
    )
    assert run.report["done"] == {"customers_created": 2}
    assert (run.report["refused_rows"], run.report["refused"]) == (0, {})
    assert noted_of(run) == {
        (2, "邮箱"): "not_an_email",
        (2, "出生日期"): "date_out_of_range",
        (2, "入会日期"): "not_a_date",
        (2, "性别"): "unknown_word",
        (2, "标签"): "formula_cell",
        (3, "手机"): "not_a_phone",
    }
    assert sum(run.report["noted"].values()) == 6
    wang = Customer.objects.get(name="王小明")
    assert (wang.birth_date, wang.joined_date, wang.gender) == (None, None, "")
    assert sorted(Identity.objects.values_list("identity_kind", "value")) == [
        ("email", "li@example.com"),
        ("external", "C1"),
        ("external", "C2"),
        ("phone", "+8613800138000"),
    ]


@pytest.mark.slow
def test_a_cell_left_empty_changes_nothing_that_is_known(bring):
    bring("customer id,name,birthday\nC1,Ann,1990-05-01\n", Shape.CUSTOMERS)
    run = bring("customer id,name,birthday\nC1,Ann,some day\n", Shape.CUSTOMERS, name="later.csv")
    assert run.report["done"] == {"customers_unchanged": 1}
    assert noted_of(run) == {(2, "birthday"): "not_a_date"}
    assert Customer.objects.get().birth_date == dt.date(1990, 5, 1)


@pytest.mark.slow
def test_who_a_row_is_about_must_be_certain(bring):
    run = bring(
        "customer id,name,phone,birthday\n"
        "C1,Ann,13800138000,1990-05-01\n"
        "1.38E+10,Bob,13800138001,\n"  # his number is lost; by his phone alone he would be somebody else
        ",Eve,138,bad day\n"  # nothing else to know her by
        ",Zoe,,\n"
        "C1,,,\n",
        Shape.CUSTOMERS,
    )
    assert run.report["done"] == {"customers_created": 1}
    assert refused_of(run) == {3: ["digits_lost"], 4: ["not_a_phone", "not_a_date"], 5: ["customer_not_named"]}
    assert (noted_of(run), run.report["noted"]) == ({}, {})
    assert run.report["refused_rows"] == 3
    assert run.report["mended"]["later_row_wins"] == 1
    assert [customer.name for customer in Customer.objects.all()] == ["Ann"]


@pytest.mark.slow
def test_an_order_goes_in_without_its_cost_but_not_without_its_amount(bring):
    run = bring(
        "order id,customer id,phone,date,sku,qty,amount,unit cost\n"
        "A1,C1,138,2024-03-01,6.9E+12,1,20,five\n"
        "A2,C1,,2024-03-01,S1,1,twenty,5\n"
        "A3,C1,138,some day,S1,1,20,5\n",
        Shape.LINES,
        on_missing="add",
    )
    assert refused_of(run) == {3: ["not_a_number"], 4: ["not_a_phone", "not_a_date"]}
    assert noted_of(run) == {
        (2, "phone"): "not_a_phone",
        (2, "sku"): "digits_lost",
        (2, "unit cost"): "not_a_number",
    }
    assert [order.external_id for order in Order.objects.all()] == ["A1"]
    assert list(OrderLine.objects.values_list("sku", "net_amount", "unit_cost")) == [("", 20, None)]
    assert list(Identity.objects.values_list("value", flat=True)) == ["C1"]


@pytest.mark.slow
def test_a_total_below_the_table_is_nobody(bring):
    run = bring("会员卡号,姓名\nA1,王芳\n合计,1\n", Shape.CUSTOMERS)
    assert refused_of(run) == {3: ["total_row"]}
    assert [customer.name for customer in Customer.objects.all()] == ["王芳"]
    run = bring("order id,customer id,date,amount\nB1,C1,2024-03-01,20\nTotal,C1,2024-03-01,20\n", Shape.ORDERS)
    assert refused_of(run)[3] == ["total_row"]


@pytest.mark.slow
def test_rows_refused_later_are_not_among_the_notes(bring):
    run = bring("order id,customer id,date,amount,cost\nA1,C1,2024-03-01,20,?\nA2,,2024-03-01,20,?\n", Shape.ORDERS)
    assert refused_of(run) == {2: ["customer_missing"], 3: ["customer_not_named", "not_a_number"]}
    assert (noted_of(run), run.noted_path.exists()) == ({}, False)


@pytest.mark.slow
def test_the_file_of_notes_names_column_cell_and_reason_and_holds_no_formula(bring):
    run = bring("customer id,name,phone\nC1,=1+1,138\nC2,Bob,13800138000\n", Shape.CUSTOMERS)
    raw = run.noted_path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows == [
        ["Row", "Column", "Cell", "Why it was left empty"],
        ["2", "name", "'=1+1", "name: “=1+1” is a formula. Replace formulas by their values."],
        ["2", "phone", "138", "phone: “138” is not a phone number of China, nor one with a country code."],
    ]
    assert not run.refused_path.exists()


@pytest.mark.slow
def test_refused_file_has_reasons_and_the_original_cells_and_no_formulas(bring):
    run = bring(
        "会员号,姓名,手机,备注\n1.3E+10,=1+1,138,+86 note\n\x00a\x00b,Ann,13800138000,-5\n".encode("gb18030"),
        Shape.CUSTOMERS,
    )
    raw = run.refused_path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["Row", "Reason", "会员号", "姓名", "手机", "备注"]
    assert rows[1][0] == "2"
    assert "姓名: “=1+1” is a formula" in rows[1][1]
    assert "手机: “138” is not a phone number of China" in rows[1][1]
    assert rows[1][2:] == ["1.3E+10", "'=1+1", "138", "'+86 note"]
    assert rows[2][2:] == ["␀a␀b", "Ann", "13800138000", "-5"]
    assert "a␀b" in rows[2][1]


@pytest.mark.slow
def test_a_name_that_shows_nothing_is_an_empty_cell(bring):
    bring("customer id,name,city\nC1,Ann,Lund\n", Shape.CUSTOMERS)
    run = bring(
        "customer id,name,city\nC1,\u202e\u200b,\u3164\nC2,\u202eBob\u202c,Ystad\n", Shape.CUSTOMERS, name="later.csv"
    )
    assert run.report["done"] == {"customers_unchanged": 1, "customers_created": 1}
    assert run.report["mended"]["control_removed"] == 2
    assert sorted(Customer.objects.values_list("name", "city")) == [("Ann", "Lund"), ("Bob", "Ystad")]
