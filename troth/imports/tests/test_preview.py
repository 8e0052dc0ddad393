"""What a person sees of a file before its columns are chosen."""

import time

import pytest
import xlsxwriter

from troth.imports import queries, services
from troth.imports.errors import FileRefusedError
from troth.imports.targets import Shape

from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


@pytest.mark.slow
@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize(
    "header", ["Ticket,Date,Total", "小票,时间,金额", "order id,time,amount", "customer id,store,quantity", "a,b,c"]
)
def test_a_file_whose_columns_are_not_recognised_can_still_be_looked_at(shape, header):
    content = f"{header}\nA1,10:30,12.50\n"
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content.encode()], shape=shape)
    seen = queries.preview(run, now=NOW)
    assert [[cell.text for cell in row.cells] for row in seen.rows] == [["A1", "10:30", "12.50"]]


def seen_of(content, shape, **choices):
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content.encode()], shape=shape, **choices)
    return queries.preview(run, now=NOW)


@pytest.mark.slow
def test_it_shows_what_would_be_refused():
    seen = seen_of('order id,customer id,date,amount\nA1,C1,03/04/2024,abc\nA2,,03/05/2024,"¥1,000"\n', Shape.ORDERS)
    assert [row.number for row in seen.rows] == [2, 3]
    assert seen.rows[0].cells[3] == queries.PreviewCell("abc", "amount: “abc” is not a number.", is_refused=True)
    assert seen.rows[1].reasons == ["The row names no customer."]
    assert (seen.refused_count, seen.empty_count, seen.has_ambiguous_dates) == (2, 0, True)


@pytest.mark.slow
def test_a_row_that_cannot_be_cut_is_shown_where_it_stands():
    seen = seen_of(
        'order id,customer id,date,amount\nA1,C1,2024-03-01,¥1,234.50\nA2,C1,2024-03-01,5\nA3,C1,2024-03-01,"5\n',
        Shape.ORDERS,
    )
    assert [(row.number, [cell.text for cell in row.cells], row.is_refused) for row in seen.rows] == [
        (2, ["A1", "C1", "2024-03-01", "¥1"], True),
        (3, ["A2", "C1", "2024-03-01", "5"], False),
        (4, [], True),
    ]
    assert seen.rows[0].reasons == [
        "The row has 5 cells; the header has 4. A delimiter inside a cell needs quotation marks."
    ]
    assert seen.refused_count == 2


@pytest.mark.slow
def test_a_cell_that_would_be_left_empty_refuses_nothing():
    seen = seen_of("customer id,phone,birthday\nC1,138,2190-05-01\nC2,,1990-05-01\n", Shape.CUSTOMERS)
    assert (seen.refused_count, seen.empty_count) == (0, 2)
    assert [cell.is_refused for cell in seen.rows[0].cells] == [False, False, False]
    assert seen.rows[0].cells[2].reason == ("birthday: “2190-05-01” lies before 130 years ago or after tomorrow.")


@pytest.mark.slow
def test_a_date_out_of_range_and_the_other_rows_of_its_order_are_told():
    seen = seen_of("order id,customer id,date,sku,amount\nA1,C1,2024-03-01,S1,5\nA1,C1,2190-03-01,S2,5\n", Shape.LINES)
    assert seen.rows[0].reasons == ["Order A1: row 3 is refused, and an order is taken whole or not at all."]
    assert seen.rows[1].cells[2].is_refused
    assert seen.refused_count == 2


def test_a_file_of_broken_rows_is_read_no_further_than_it_is_shown():
    content = "order id,customer id\n" + '1,"unclosed\n' * 20_000
    began = time.process_time()
    seen = seen_of(content, Shape.ORDERS)
    assert time.process_time() - began < 20
    assert (len(seen.rows), seen.refused_count) == (50, 50)


def test_blank_rows_before_the_first_one_do_not_hide_it():
    seen = seen_of("customer id,name\n" + ",\n" * 60 + "C1,Ann\n", Shape.CUSTOMERS)
    assert [(row.number, row.cells[1].text) for row in seen.rows] == [(62, "Ann")]


def test_a_sheet_that_is_refused_leaves_what_was_shown(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("people").write_row(0, 0, ["customer id", "name"])
    book.get_worksheet_by_name("people").write_row(1, 0, ["C1", "Ann"])
    book.add_worksheet("empty")
    book.close()
    run = services.receive(actor=ACTOR, now=NOW, file_name="book.xlsx", content=[path.read_bytes()])
    before = (run.folder / "preview.csv").read_bytes()
    with pytest.raises(FileRefusedError, match="empty"):
        services.choose(run.id, actor=ACTOR, now=NOW, sheet="empty")
    assert (run.folder / "preview.csv").read_bytes() == before
    run.refresh_from_db()
    assert [[cell.text for cell in row.cells] for row in queries.preview(run, now=NOW).rows] == [["C1", "Ann"]]
    assert sorted(path.name for path in run.folder.iterdir()) == ["preview.csv", "upload"]
