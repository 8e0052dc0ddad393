import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from troth.activity.models import Order, OrderLine, Return, ReturnLine
from troth.customers.models import Customer, Identity
from troth.events.models import Event
from troth.imports import queries, services
from troth.imports.errors import FileRefusedError, ImportStateError, MappingError
from troth.imports.limits import Limits
from troth.imports.models import ImportMapping, ImportRun
from troth.imports.targets import Shape
from troth.jobs.models import Job
from troth.jobs.running import JobContext
from troth.staff.models import Store

from .conftest import ACTOR, NOW, refused_of

# An import commits batch by batch, and its job starts on commit.
pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "会员号,姓名,手机,出生日期\nC1,王小明,13800138000,1990-05-01\nC2,Ann Smith,13900139000,\n"

LINES = """订单号,会员号,下单时间,商品编码,商品名称,数量,单价,实付金额,门店
A1,C1,2024-03-01 10:00,S1,红茶,2,10.00,20.00,N1
A2,C2,2024-03-02 11:30,S2,绿茶,1,5.50,5.00,N1
A1,C1,2024-03-01 10:00,S3,茶杯,1,30.00,30.00,N1
"""


def everything():
    return (
        list(Order.objects.order_by("external_id").values_list("external_id", "net_amount", "line_count", "revision")),
        OrderLine.objects.count(),
        Return.objects.count(),
        Customer.objects.count(),
    )


@pytest.mark.slow
def test_customers_then_lines(bring):
    run = bring(PEOPLE)
    assert run.shape == Shape.CUSTOMERS
    assert run.report["done"] == {"customers_created": 2}
    assert Customer.objects.get(name="王小明").birth_date == dt.date(1990, 5, 1)
    assert Identity.objects.filter(identity_kind="phone", value="+8613800138000").count() == 1

    run = bring(LINES)
    assert run.shape == Shape.LINES
    assert run.report["done"] == {"orders_created": 2, "lines_created": 3, "stores_created": 1}
    assert run.report["refused"] == {}
    assert not run.refused_path.exists()
    order = Order.objects.get(external_id="A1")
    assert order.owner_id == Identity.objects.get(value="C1").owner_id
    assert order.occurred_at == dt.datetime(2024, 3, 1, 2, 0, tzinfo=dt.UTC)
    assert (order.order_date, order.net_amount, order.line_count) == (dt.date(2024, 3, 1), Decimal(50), 2)
    assert (order.is_history, order.import_id, order.store.code) == (True, run.id, "N1")
    lines = OrderLine.objects.filter(order_id=order.id).order_by("line_no")
    assert [(line.line_no, line.sku, line.name, line.quantity, line.net_amount) for line in lines] == [
        (1, "S1", "红茶", 2, 20),
        (2, "S3", "茶杯", 1, 30),
    ]
    assert Event.objects.filter(name="imports.run.finished").count() == 2


@pytest.mark.slow
def test_the_same_file_again_changes_nothing(bring):
    bring(PEOPLE)
    bring(LINES)
    before = everything(), Event.objects.filter(name__startswith="activity").count()
    assert bring(PEOPLE).report["done"] == {"customers_unchanged": 2}
    assert bring(LINES).report["done"] == {"orders_unchanged": 2}
    assert (everything(), Event.objects.filter(name__startswith="activity").count()) == before


# lesson: an import duplicates the same e-mail
@pytest.mark.slow
def test_an_address_written_in_another_way_is_the_same_person(bring):
    bring("会员号,姓名,邮箱\nC1,Ann Smith,ann@example.com\n")
    again = bring("姓名,邮箱,城市\nAnn,ANN@example.com ,上海\nAnn Smith,ann@Example.COM,上海\n", name="again.csv")
    assert "customers_created" not in again.report["done"]
    assert list(Identity.objects.filter(identity_kind="email").values_list("value", flat=True)) == ["ann@example.com"]
    assert Customer.objects.count() == 1


@pytest.mark.slow
def test_a_known_order_with_other_content_is_refused_or_changed_as_chosen(bring):
    bring(PEOPLE)
    bring(LINES)
    other = LINES.replace("茶杯,1,30.00,30.00", "茶杯,1,30.00,28.00")
    run = bring(other)
    assert run.report["done"] == {"orders_unchanged": 1}
    assert refused_of(run) == {2: ["order_conflict"], 4: ["order_conflict"]}
    assert Order.objects.get(external_id="A1").net_amount == 50

    run = bring(other, on_conflict="update")
    assert run.report["done"] == {"orders_unchanged": 1, "orders_changed": 1}
    order = Order.objects.get(external_id="A1")
    assert (order.net_amount, order.revision, order.line_count) == (48, 2, 2)
    assert OrderLine.objects.filter(order_id=order.id).count() == 2


@pytest.mark.slow
def test_unknown_customers_are_refused_or_added_as_chosen(bring):
    run = bring(LINES)
    assert run.report["done"] == {}
    assert refused_of(run) == {row: ["customer_missing"] for row in (2, 3, 4)}
    assert everything() == ([], 0, 0, 0)

    run = bring(LINES, on_missing="add")
    assert run.report["done"]["customers_created"] == 2
    assert run.report["mended"]["customer_added"] == 2
    assert Order.objects.count() == 2


@pytest.mark.slow
def test_an_order_is_taken_whole_or_not_at_all(bring):
    bring(PEOPLE)
    run = bring(LINES.replace("30.00,30.00", "30.00,thirty"))
    assert refused_of(run) == {2: ["order_has_refused_row"], 4: ["not_a_number"]}
    assert [order.external_id for order in Order.objects.all()] == ["A2"]


@pytest.mark.slow
def test_rows_of_one_order_that_disagree(bring):
    bring(PEOPLE)
    run = bring(
        "order id,customer id,date,amount,store,sku\n"
        "A1,C1,2024-03-01,1,N1,a\nA1,C2,2024-03-01,1,N1,b\n"
        "A2,C1,2024-03-01,1,N1,a\nA2,C1,2024-03-05,1,N1,b\n"
        "A3,C1,2024-03-01,1,N1,a\nA3,C1,2024-03-01,1,N2,b\n"
        "A4,C1,2024-03-01 10:00,1,N1,a\nA4,C1,2024-03-01 10:05,1,,b\n"
    )
    assert refused_of(run) == {row: ["order_lines_disagree"] for row in range(2, 8)}
    assert run.report["done"]["orders_created"] == 1
    assert run.report["mended"]["earliest_time"] == 1
    assert Order.objects.get().occurred_at == dt.datetime(2024, 3, 1, 2, 0, tzinfo=dt.UTC)
    text = run.refused_path.read_text("utf-8-sig")
    assert "Order A1: its rows disagree about Customer number: “C1” and “C2”." in text


@pytest.mark.slow
def test_negative_rows_are_returns(bring):
    bring(PEOPLE)
    run = bring(
        "order id,customer id,date,sku,qty,amount\n"
        "A1,C1,2024-03-01,a,2,20\n"
        "A1,C1,2024-03-01,b,-1,-5\n"
        "R1,C1,2024-03-02,a,1,(10.00)\n"
    )
    assert run.report["done"] == {"orders_created": 1, "lines_created": 1, "returns_created": 2}
    assert run.report["mended"]["became_return"] == 2
    assert run.report["mended"]["sign_normalised"] == 1
    assert Order.objects.get().net_amount == 20
    assert list(Return.objects.order_by("external_id").values_list("external_id", "net_amount")) == [
        ("A1", 5),
        ("R1", 10),
    ]
    assert list(ReturnLine.objects.order_by("sku").values_list("sku", "quantity")) == [("a", 1), ("b", 1)]
    again = bring("order id,customer id,date,sku,qty,amount\nR1,C1,2024-03-02,a,1,(10.00)\n")
    assert again.report["done"] == {"returns_unchanged": 1}


@pytest.mark.slow
def test_a_return_that_names_its_order_is_linked_and_checked(bring):
    bring(PEOPLE)
    bring(LINES)
    run = bring(
        "order id,original order id,customer id,date,sku,qty,amount\n"
        "R1,A1,C1,2024-03-05,S1,-1,-10\n"
        "R2,A1,C1,2024-03-06,S1,-1,-1000\n"
    )
    assert run.report["done"] == {"returns_created": 1}
    assert refused_of(run) == {3: ["return_refused"]}
    assert Return.objects.get().order_id == Order.objects.get(external_id="A1").id


@pytest.mark.slow
def test_whole_orders(bring):
    bring(PEOPLE)
    run = bring(
        "小票号,手机,消费时间,消费金额,支付方式\n"
        'B1,13800138000,2024/3/1 9:05,"¥1,234.50",微信\n'
        "B2,13900139000,2024/3/2 9:05,88,现金\n"
        "B2,13900139000,2024/3/2 9:05,88,现金\n"
        "B3,13900139000,2024/3/2 9:05,88,现金\n"
        "B3,13900139000,2024/3/2 9:05,89,现金\n"
    )
    assert run.shape == Shape.ORDERS
    assert run.report["done"]["orders_created"] == 2
    assert run.report["mended"]["duplicate_row"] == 1
    assert refused_of(run) == {5: ["order_id_twice"], 6: ["order_id_twice"]}
    order = Order.objects.get(external_id="B1")
    assert (order.net_amount, order.tags) == (Decimal("1234.50"), {"payment": "微信"})


@pytest.mark.parametrize(
    ("dates", "choice", "taken", "refused"),
    [
        (["03/04/2024", "25/03/2024"], "auto", ["2024-04-03", "2024-03-25"], {}),
        (["03/04/2024", "03/25/2024"], "auto", ["2024-03-04", "2024-03-25"], {}),
        (["03/04/2024", "05/05/2024"], "auto", ["2024-05-05"], {2: ["ambiguous_date"]}),
        (["03/04/2024", "05/05/2024"], "day_first", ["2024-04-03", "2024-05-05"], {}),
        (
            ["03/04/2024", "25/03/2024", "03/26/2024"],
            "auto",
            ["2024-03-25", "2024-03-26"],
            {2: ["ambiguous_date"]},
        ),
        (["25/03/2024"], "month_first", [], {2: ["no_such_day"]}),
        (["2031-01-01", "1969-12-30"], "auto", [], {2: ["date_out_of_range"], 3: ["date_out_of_range"]}),
    ],
)
@pytest.mark.slow
def test_day_and_month_are_told_apart_by_the_whole_column(bring, dates, choice, taken, refused):
    rows = "".join(f"A{i},C1,{date},1\n" for i, date in enumerate(dates))
    run = bring("order id,customer id,date,amount\n" + rows, Shape.ORDERS, on_missing="add", date_order=choice)
    assert refused_of(run) == refused
    assert [str(order.order_date) for order in Order.objects.order_by("external_id")] == taken


# lesson: imported history is dated now
@pytest.mark.slow
def test_date_and_time_in_two_columns_in_the_companys_zone(bring):
    bring("order id,customer id,date,交易时刻,amount\nA1,C1,2024-03-01,1631,1\n", Shape.ORDERS, on_missing="add")
    assert Order.objects.get().occurred_at == dt.datetime(2024, 3, 1, 8, 31, tzinfo=dt.UTC)


@pytest.mark.slow
def test_lines_of_an_order_need_not_stand_together(bring, monkeypatch):
    rows = [f"A{i % 40},C{i % 40},2024-03-01,S{i},1,1\n" for i in range(400)]
    monkeypatch.setattr("troth.imports.sorting.ROWS_PER_GROUP", 32)
    run = bring("order id,customer id,date,sku,qty,amount\n" + "".join(rows), on_missing="add")
    assert run.report["done"] == {"customers_created": 40, "orders_created": 40, "lines_created": 400}
    assert set(Order.objects.values_list("line_count", "net_amount")) == {(10, Decimal(10))}
    first = OrderLine.objects.filter(order_id=Order.objects.get(external_id="A7").id).order_by("line_no")
    assert [line.sku for line in first] == [f"S{i}" for i in range(7, 400, 40)]


@pytest.mark.slow
def test_an_order_of_too_many_rows(bring, monkeypatch):
    monkeypatch.setattr("troth.imports.tasks.DEFAULT", Limits(lines_per_order=3))
    rows = "".join(f"A1,C1,2024-03-01,S{i},1\n" for i in range(4))
    run = bring("order id,customer id,date,sku,amount\n" + rows + "A2,C1,2024-03-01,S,1\n", on_missing="add")
    assert refused_of(run) == {row: ["too_many_lines"] for row in (2, 3, 4, 5)}
    assert run.report["refused_rows"] == 4
    assert Order.objects.get().external_id == "A2"


@pytest.mark.slow
def test_amounts_are_completed(bring):
    bring(
        "order id,customer id,date,sku,qty,unit price,discount,cost\n"
        "A1,C1,2024-03-01,a,3,10.00,5.00,12.00\nA1,C1,2024-03-01,b,0,4,,\nA1,C1,2024-03-01,c,,4,-1,\n",
        on_missing="add",
    )
    lines = OrderLine.objects.order_by("line_no").values_list(
        "quantity", "unit_price", "discount_amount", "net_amount", "unit_cost"
    )
    # Of no pieces nothing is charged; where no quantity is told it is one.
    assert list(lines) == [(3, 10, 5, 25, 4), (0, 4, 0, 0, None), (1, 4, 1, 3, None)]


@pytest.mark.parametrize("step", ["tasks._store", "report.tidy"])
@pytest.mark.slow
def test_dying_at_the_very_end_keeps_the_refused_rows(bring, monkeypatch, step):
    def die(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"troth.imports.{step}", die)
        with pytest.raises(KeyboardInterrupt):
            bring(LINES)
    run = ImportRun.objects.get()
    Job.objects.update(lease_until=NOW)
    services.work_off(run)
    assert run.report["refused"] == {"customer_missing": 3}
    assert len(run.refused_path.read_text("utf-8-sig").splitlines()) == 4
    assert Event.objects.filter(name="imports.run.finished").count() == 1
    assert [path.name for path in run.folder.iterdir()] == ["refused.csv"]


@pytest.mark.slow
def test_nothing_personal_stays_behind(bring):
    run = bring(PEOPLE)
    assert [path.name for path in run.folder.iterdir()] == []


@pytest.mark.slow
def test_a_dry_run_reports_and_writes_nothing_and_may_be_followed_by_the_import(bring):
    run = bring(LINES, on_missing="add", is_dry_run=True)
    assert run.report["done"] == {
        "customers_created": 2,
        "orders_created": 2,
        "lines_created": 3,
        "stores_created": 1,
    }
    assert everything() == ([], 0, 0, 0)
    assert Store.objects.count() == 0
    services.start(run.id, actor=ACTOR, now=NOW)
    run.refresh_from_db()
    services.work_off(run)
    assert run.report["done"]["orders_created"] == 2
    assert Order.objects.count() == 2
    with pytest.raises(ImportStateError):
        services.start(run.id, actor=ACTOR, now=NOW)


@pytest.mark.slow
def test_mapping_is_remembered_for_files_with_these_headers(bring):
    content = "a,b,c,d\nA1,C1,2024-03-01,5\n"
    mapping = {"order_id": 0, "customer_id": 1, "ordered_at": 2, "net_amount": 3}
    bring(content, Shape.ORDERS, mapping=mapping, on_missing="add", source="pos")
    assert ImportMapping.objects.count() == 1
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content.encode()], shape=Shape.ORDERS)
    assert run.options["mapping"] == mapping
    assert (run.options["source"], run.options["on_missing"], run.options["is_dry_run"]) == (
        "pos",
        "add",
        False,
    )


@pytest.mark.slow
def test_what_is_missing_in_the_mapping_is_named(company):
    run = services.receive(
        actor=ACTOR, now=NOW, file_name="x.csv", content=[b"order id,foo\n1,2\n"], shape=Shape.ORDERS
    )
    with pytest.raises(MappingError, match="Customer number or Card number"):
        services.start(run.id, actor=ACTOR, now=NOW)
    with pytest.raises(MappingError):
        services.choose(run.id, actor=ACTOR, now=NOW, mapping={"order_id": 7})
    with pytest.raises(MappingError):
        services.choose(run.id, actor=ACTOR, now=NOW, mapping={"order_id": 0, "customer_id": 0})
    run.refresh_from_db()
    assert (run.job_id, run.options["mapping"]) == (None, {"order_id": 0})


@pytest.mark.slow
def test_a_refused_file_leaves_nothing(company, settings):
    with pytest.raises(FileRefusedError):
        services.receive(actor=ACTOR, now=NOW, file_name="x.pdf", content=[b"%PDF-1.7"])
    assert ImportRun.objects.count() == 0
    assert list((settings.MEDIA_ROOT / "imports").iterdir()) == []


@pytest.mark.slow
def test_reading_choices_are_looked_at_anew(company):
    content = "订单号;金额\nA1;5\n".encode("gb18030")
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content])
    assert list(run.source["columns"]) == ["订单号", "金额"]
    run = services.choose(run.id, actor=ACTOR, now=NOW, delimiter=",", shape=Shape.ORDERS)
    assert list(run.source["columns"]) == ["订单号;金额"]
    services.discard(run.id, actor=ACTOR, now=NOW)
    assert (ImportRun.objects.count(), run.folder.exists()) == (0, False)


@pytest.mark.slow
def test_parquet_and_workbook_come_in_too(bring, tmp_path):
    frame = pl.DataFrame(
        {
            "order id": ["A1", "A2"],
            "customer id": [1.0, 2.0],
            "date": [dt.datetime(2024, 3, 1, 10), dt.datetime(2024, 3, 2, 11)],
            "amount": [19.9, 0.1 + 0.2],
        }
    )
    frame.write_parquet(tmp_path / "orders.parquet")
    run = bring((tmp_path / "orders.parquet").read_bytes(), Shape.ORDERS, on_missing="add")
    assert run.report["mended"]["rounded"] == 1
    assert list(Order.objects.order_by("external_id").values_list("net_amount", flat=True)) == [
        Decimal("19.9"),
        Decimal("0.3"),
    ]
    assert set(Identity.objects.values_list("value", flat=True)) == {"1", "2"}
    frame.with_columns(pl.col("order id") + "x").write_excel(tmp_path / "orders.xlsx")
    run = bring((tmp_path / "orders.xlsx").read_bytes(), Shape.ORDERS)
    assert run.report["done"]["orders_created"] == 2


@pytest.mark.slow
def test_currency_column_and_signs(bring):
    run = bring(
        "order id,customer id,date,amount,currency\n"
        "A1,C1,2024-03-01,$5,USD\nA2,C1,2024-03-01,$5,CNY\nA3,C1,2024-03-01,5,\n",
        Shape.ORDERS,
        on_missing="add",
    )
    assert refused_of(run) == {3: ["other_currency"]}
    assert list(Order.objects.order_by("external_id").values_list("currency", flat=True)) == ["USD", "CNY"]


@pytest.mark.slow
def test_numbers_of_different_customers(bring):
    bring(PEOPLE)
    run = bring(
        "order id,customer id,phone,date,amount\nA1,C1,13900139000,2024-03-01,5\nA2,C1,13800138000,2024-03-01,5\n"
        "A3,C9,13800138000,2024-03-01,5\n",
        Shape.ORDERS,
    )
    assert refused_of(run) == {2: ["customer_ambiguous"]}
    assert Order.objects.count() == 2


@pytest.mark.slow
def test_an_order_of_another_customer(bring):
    bring(PEOPLE)
    bring("order id,customer id,date,amount\nA1,C1,2024-03-01,5\n", Shape.ORDERS)
    run = bring("order id,customer id,date,amount\nA1,C2,2024-03-01,5\n", Shape.ORDERS, on_conflict="update")
    assert refused_of(run) == {2: ["order_of_other_customer"]}
    merged_into = Identity.objects.get(value="C1").owner_id
    Customer.objects.filter(id=Identity.objects.get(value="C2").owner_id).update(canonical_id=merged_into)
    run = bring("order id,customer id,date,amount\nA1,C2,2024-03-01,5\n", Shape.ORDERS)
    assert run.report["done"] == {"orders_unchanged": 1}


# lesson: an import fails halfway and cannot resume
@pytest.mark.slow
def test_cancelled_in_the_middle_and_resumed(company, tmp_path, monkeypatch):
    monkeypatch.setattr("troth.imports.sorting.ROWS_PER_GROUP", 32)
    rows = "".join(f"A{i:03},C1,2024-03-01,1\n" for i in range(100))
    (tmp_path / "file.csv").write_text("order id,customer id,date,amount\n" + rows)
    run = services.import_file(tmp_path / "file.csv", shape=Shape.ORDERS, actor=ACTOR, now=NOW, on_missing="add")
    told = JobContext.progress

    def cancel_while_writing(context, done, total=None, *, note="", force=False):
        if note.startswith("Writing: 3"):
            services.cancel(run.id, actor=ACTOR, now=NOW)
            force = True
        told(context, done, total, note=note, force=force)

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "progress", cancel_while_writing)
        services.work_off(run)
    state = queries.progress(run)
    assert (state.status, state.is_active) == ("cancelled", False)
    assert state.tally.done["orders_created"] == Order.objects.count() == 31
    assert 0.4 < state.fraction < 1
    services.resume(run.id, actor=ACTOR, now=NOW)
    services.work_off(run)
    state = queries.progress(run)
    assert (state.status, state.fraction, state.tally.done["orders_created"]) == ("succeeded", 1.0, 100)
    assert Order.objects.count() == 100


@pytest.mark.slow
def test_only_started_imports_are_cancelled_or_resumed(company):
    content = b"order id,customer id,date,amount\nA1,C1,2024-03-01,1\n"
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content])
    assert queries.progress(run).status == "draft"
    for act in (services.cancel, services.resume):
        with pytest.raises(ImportStateError):
            act(run.id, actor=ACTOR, now=NOW)


@pytest.mark.slow
def test_a_file_that_turns_out_hostile_later_fails_in_words(bring, company, tmp_path, monkeypatch):
    monkeypatch.setattr("troth.imports.tasks.DEFAULT", Limits(rows=3))
    path = tmp_path / "file.csv"
    path.write_text("order id,customer id,date,amount\n" + "A1,C1,2024-03-01,1\n" * 5)
    run = services.import_file(path, shape=Shape.ORDERS, actor=ACTOR, now=NOW, on_missing="add")
    services.work_off(run)
    state = queries.progress(run)
    assert state.status == "failed"
    assert state.error == "The file has more than 3 rows. Split it and import the parts."
    assert everything() == ([], 0, 0, 0)
