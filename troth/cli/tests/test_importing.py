"""`troth import` as a user meets it."""

import json
import sys
from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.activity.models import Order
from troth.cli.main import run
from troth.customers.models import Customer
from troth.staff import services as staff

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
CUSTOMERS = "客户编号,姓名,手机\nC1,王小明,13812345678\nC2,李静,13912345678\nC3,张三,12345\n,赵六,\n"
ORDERS = """订单号,客户编号,下单时间,实付金额
A1,C1,2025-12-01 10:00,"¥1,234.50"
A2,C2,2025-12-02 11:00,88
A3,C9,2025-12-03,1
"""


@pytest.fixture(autouse=True)
def company(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    staff.set_up_company(actor=system_actor("test"), now=NOW, name="Test Ltd")


@pytest.fixture
def troth(monkeypatch, capsys):
    """Return a function that runs a command and returns exit code, output and errors."""

    def call(*arguments: str, locale: str = "C.UTF-8"):
        monkeypatch.setattr(sys, "argv", ["troth", *arguments])
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as ended:
            run()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


@pytest.fixture
def customers_file(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS, encoding="gb18030")
    return path


@pytest.fixture
def orders_file(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8-sig")
    return path


@pytest.mark.slow
def test_a_file_comes_in_and_refused_rows_lie_beside_it(troth, customers_file, orders_file):
    code, out, _err = troth("import", "customers", str(customers_file))
    assert code == 3
    assert "4 rows read, 1 refused.\n  Customers added: 3\n" in out
    assert "Cells left empty in rows that went in: 1." in out
    noted = customers_file.with_name("customers.noted.csv").read_text(encoding="utf-8-sig").splitlines()
    assert noted[1].startswith("4,手机,12345,")
    refused = customers_file.with_name("customers.refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(refused) == 2
    assert "赵六" in refused[1]
    assert set(Customer.objects.values_list("name", flat=True)) == {"王小明", "李静", "张三"}

    code, out, _err = troth("import", "orders", str(orders_file), "--json")
    report = json.loads(out)
    assert code == 3
    assert (report["rows"], report["refused_rows"], report["done"]["orders_created"]) == (3, 1, 2)
    assert report["mapping"]["net_amount"] == "实付金额"
    assert str(Order.objects.get(external_id="A1").net_amount) == "1234.5000"

    code, out, _err = troth("import", "orders", str(orders_file), "--json")
    assert json.loads(out)["done"] == {"orders_unchanged": 2}
    assert Order.objects.count() == 2


@pytest.mark.slow
def test_a_dry_run_shows_the_mapping_and_writes_nothing(troth, customers_file):
    code, out, _err = troth("import", "customers", str(customers_file), "--dry-run")
    assert code == 3
    assert "Dry run: nothing was written." in out
    assert "  客户编号 → Customer number (customer_id)\n  姓名 → Name (name)\n  手机 → Phone (phone)\n" in out
    assert not Customer.objects.exists()


@pytest.mark.slow
def test_a_chinese_terminal_is_told_in_chinese_in_the_order_of_the_file(troth, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("手机,姓名,客户编号\n13812345678,王小明,C1\n", encoding="utf-8")
    code, out, _err = troth("import", "customers", str(path), "--dry-run", locale="zh_CN.UTF-8")
    assert code == 0
    columns = "  手机 → 手机号 (phone)\n  姓名 → 姓名 (name)\n  客户编号 → 客户编号 (customer_id)\n"
    assert columns in out
    assert out.endswith("\n  新增客户：1\n  1 × 电话号码已补上国家区号。\n")
    assert not Customer.objects.exists()


@pytest.mark.slow
def test_unknown_customers_are_added_and_changed_orders_taken_if_asked_for(troth, tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("订单号,客户编号,下单时间,实付金额\nA1,C1,2025-12-01 10:00,12\n", encoding="utf-8")
    code, out, _err = troth("import", "orders", str(path))
    assert (code, Order.objects.count()) == (3, 0)
    code, out, _err = troth("import", "orders", str(path), "--unknown-customers", "add")
    assert code == 0
    assert "  Customers added: 1\n  Orders added: 1\n" in out
    path.write_text("订单号,客户编号,下单时间,实付金额\nA1,C1,2025-12-01 10:00,15\n", encoding="utf-8")
    assert troth("import", "orders", str(path))[0] == 3
    assert Order.objects.get().net_amount == 12
    code, out, _err = troth("import", "orders", str(path), "--changed-orders", "update")
    assert code == 0
    assert "  Orders changed: 1\n" in out
    assert Order.objects.get().net_amount == 15


@pytest.mark.slow
def test_what_is_said_of_a_column_goes_over_the_guess(troth, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("number,who\nC1,Ann\n", encoding="utf-8")
    options = ["--map", "customer_id=1", "--map", "name=who", "--json"]
    code, out, _err = troth("import", "customers", str(path), *options)
    assert code == 0
    assert json.loads(out)["mapping"] == {"customer_id": "number", "name": "who"}
    assert Customer.objects.get().name == "Ann"
    assert not path.with_name("people.refused.csv").exists()


@pytest.mark.slow
def test_tills_that_begin_anew_each_day_can_be_told(troth, customers_file, tmp_path):
    troth("import", "customers", str(customers_file))
    path = tmp_path / "tills.csv"
    path.write_text("小票号,客户编号,门店,日期,金额\n1,C1,S1,2025-12-01,5\n1,C2,S1,2025-12-02,6\n", encoding="utf-8")
    code, _out, _err = troth("import", "orders", str(path), "--order-numbers", "store_day", "--json")
    assert code == 0
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["S1/2025-12-01/1", "S1/2025-12-02/1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("phone", "“phone” is not MEANING=COLUMN"),
        ("colour=手机", "“colour=手机” is not MEANING=COLUMN"),
        ("phone=9", "The file has no column “9”; it has: 客户编号, 姓名, 手机."),
    ],
)
def test_a_wrong_mapping_is_a_sentence(troth, customers_file, option, sentence):
    code, out, err = troth("import", "customers", str(customers_file), "--map", option)
    assert (code, out) == (1, "")
    assert sentence in err
    assert not Customer.objects.exists()


@pytest.mark.slow
def test_a_file_that_is_none_is_a_sentence(troth, tmp_path):
    path = tmp_path / "empty.csv"
    path.touch()
    code, out, err = troth("import", "customers", str(path))
    assert (code, out) == (1, "")
    assert err == "troth: The file is empty: export it again and check that it has rows.\n"
