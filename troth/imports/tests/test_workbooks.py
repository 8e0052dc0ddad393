import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading import batches, cells, prepare


def read(path, tmp_path, **options):
    source = prepare(path, copy_to=tmp_path / "copy.csv", **options)
    return source, [
        row for batch in batches(source) for row in zip(batch.rows.to_list(), batch.cells.rows(), strict=True)
    ]


@pytest.fixture
def sheet(tmp_path):
    """A workbook as people make them: a gap, a formula, a date, numbers with many digits."""
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("明细")
    date = book.add_format({"num_format": 'yyyy"年"m"月"d"日" hh:mm'})
    page.write_row(0, 0, ["订单号", "手机", "下单时间", "金额", "备注"])
    page.write_row(1, 0, ["A1", 13800138000])
    page.write_datetime(1, 2, dt.datetime(2024, 3, 1, 10, 30), date)
    page.write_formula(1, 3, "=1+2", None, 3.3)
    page.write(1, 4, 123456789012345678)
    page.write(3, 0, "A2")
    page.write(3, 3, 0.1 + 0.2)
    page.write_boolean(3, 4, True)
    book.add_worksheet("other").write(0, 0, "订单号")
    book.close()
    return path


def test_sheet_is_read_as_a_person_sees_it(sheet, tmp_path):
    source, rows = read(sheet, tmp_path)
    assert (source.sheet, source.sheets) == ("明细", ("明细", "other"))
    assert rows == [
        (2, ("A1", "13800138000", "2024-03-01 10:30:00", "3.3", "1.23456789012346e+17")),
        (4, ("A2", "", "", "0.3", "TRUE")),
    ]
    assert source.mended == {"formula_result_used": 1}


def test_a_sheet_that_leads_nowhere_is_a_damaged_file(sheet, tmp_path):
    spoilt = tmp_path / "spoilt.xlsx"
    with zipfile.ZipFile(sheet) as whole, zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content.replace(b"r:id=", b"r:ix=") if name == "xl/workbook.xml" else content)
    with pytest.raises(FileRefusedError, match="damaged"):
        read(spoilt, tmp_path)


def test_another_sheet_by_name(sheet, tmp_path):
    source, rows = read(sheet, tmp_path, sheet="other")
    assert (source.columns, rows) == (("订单号",), [])
    with pytest.raises(FileRefusedError, match="明细, other"):
        prepare(sheet, copy_to=tmp_path / "copy.csv", sheet="no such")


@pytest.mark.parametrize(("cover", "taken"), [(["Report of May"], "明细"), ([], "明细"), (["客户", "报表"], "明细")])
def test_the_first_sheet_whose_headers_are_known_is_taken(cover, taken, tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("封面").write_row(0, 0, cover)
    book.add_worksheet("明细").write_row(0, 0, ["订单号", "金额"])
    book.add_worksheet("other").write_row(0, 0, ["订单号", "金额"])
    book.close()
    assert read(path, tmp_path)[0].sheet == taken


def test_formula_without_a_stored_result_shows_its_text(tmp_path):
    path = tmp_path / "formula.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["订单号", "金额"])
    book.active.append(["1", "=cmd|' /C calc'!A0"])
    book.save(path)
    assert read(path, tmp_path)[1] == [(2, ("1", "=cmd|' /C calc'!A0"))]


def test_preview_unpacks_only_the_first_rows(tmp_path):
    path = tmp_path / "long.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for row in range(200):
        page.write_row(row, 0, ["订单号" if row == 0 else row])
    book.close()
    assert len(read(path, tmp_path, preview_rows=51)[1]) == 50


def craft(path, sheet_xml, **parts):
    """Write a workbook by hand, as an attacker would."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return path


@pytest.mark.parametrize(
    ("sheet_xml", "reason"),
    [
        ("<worksheet><sheetData>" + " " * 30_000_000 + "</sheetData></worksheet>", "workbook_bomb"),
        ('<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>', "too_many_columns"),
        ('<worksheet><row r="99999999"><c r="A1"><v>1</v></c></row></worksheet>', "file_damaged"),
        ('<worksheet><row r="1"><c r="A1" t="s"><v>7</v></c></row></worksheet>', "file_damaged"),
        ('<worksheet><row r="1"><c r="!1"><v>1</v></c></row></worksheet>', "file_damaged"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>', "workbook_entities"),
        ("<worksheet><row>", "file_damaged"),
        ("<worksheet/>", "sheet_empty"),
    ],
)
def test_hostile_workbooks_are_refused_in_words(tmp_path, sheet_xml, reason):
    path = craft(tmp_path / "bad.xlsx", sheet_xml)
    with pytest.raises(FileRefusedError) as refused:
        prepare(path, copy_to=tmp_path / "copy.csv")
    assert refused.value.reason == reason


@pytest.mark.slow
def test_a_cell_at_the_far_row_costs_blank_lines_only(tmp_path):
    path = craft(
        tmp_path / "far.xlsx",
        '<worksheet><row r="1"><c r="A1" t="inlineStr"><is><t>订单号</t></is></c></row>'
        '<row r="50000"><c r="A50000"><v>5</v></c></row></worksheet>',
    )
    assert read(path, tmp_path)[1] == [(50_000, ("5",))]


def test_text_table_has_its_own_limit(tmp_path):
    strings = "<sst>" + "<si><t>abc</t></si>" * 100 + "</sst>"
    path = craft(tmp_path / "strings.xlsx", "<worksheet/>", sharedStrings=strings)
    with pytest.raises(FileRefusedError) as refused:
        prepare(path, copy_to=tmp_path / "copy.csv", limits=Limits(shared_strings=50))
    assert refused.value.reason == "workbook_too_large"


def repeating(tmp_path, *, chars, cells_per_row, rows):
    """A small workbook whose cells all point to one long text."""
    row = "<row>" + '<c t="s"><v>0</v></c>' * cells_per_row + "</row>"
    strings = f"<sst><si><t>{'x' * chars}</t></si></sst>"
    return craft(tmp_path / "repeating.xlsx", f"<worksheet>{row * rows}</worksheet>", sharedStrings=strings)


@pytest.mark.parametrize("preview_rows", [70, None])
def test_a_text_that_cells_repeat_does_not_fill_the_disk(tmp_path, preview_rows):
    path = repeating(tmp_path, chars=1_000, cells_per_row=10, rows=100)
    limits = Limits(workbook_ratio_floor_bytes=200_000)
    with pytest.raises(FileRefusedError) as refused:
        prepare(path, copy_to=tmp_path / "copy.csv", preview_rows=preview_rows, limits=limits)
    assert refused.value.reason == "workbook_bomb"
    # One row beyond the larger of floor and ratio, then it stops.
    limit = max(limits.workbook_ratio_floor_bytes, limits.workbook_ratio * path.stat().st_size)
    assert limit < refused.value.values["unpacked"] <= limit + 10_010
    assert (tmp_path / "copy.csv").stat().st_size <= limit + 10_010


def test_a_row_of_repeated_texts_is_refused_before_it_is_written(tmp_path):
    path = repeating(tmp_path, chars=1_000, cells_per_row=10, rows=1)
    with pytest.raises(FileRefusedError) as refused:
        prepare(path, copy_to=tmp_path / "copy.csv", limits=Limits(record_bytes=5_000))
    assert (refused.value.reason, refused.value.values) == (
        "workbook_row_too_long", {"row": 1, "found": 6_000, "limit": 5_000},
    )  # fmt: skip
    assert (tmp_path / "copy.csv").read_bytes() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_is_not_called_a_damaged_file(tmp_path):
    path = repeating(tmp_path, chars=1_000, cells_per_row=10, rows=20)
    with pytest.raises(OSError, match="No space left"):
        prepare(path, copy_to=Path("/dev/full"))


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]h:mm AM/PM", True),
        ("General", False),
        ("0.00E+00", False),
        ('#,##0.00"元"', False),
        ("#,##0;[Red]-#,##0", False),
        ('"days "0', False),
    ],
)
def test_number_formats_that_show_dates(code, is_date):
    assert cells.is_date_format("200", code) is is_date


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("13800138000", "13800138000"),
        ("0.30000000000000004", "0.3"),
        ("1.0000000000000001E-5", "0.00001"),
        ("1E5", "100000"),
        ("1.2345678901234501E+19", "1.23456789012345e+19"),
        ("-12.5", "-12.5"),
    ],
)
def test_numbers_show_the_digits_that_are_exact(stored, shown):
    assert cells.number_text(stored) == shown


@pytest.mark.parametrize(
    ("serial", "base_1904", "text"),
    [
        ("45352", False, "2024-03-01"),
        ("45352.4375", False, "2024-03-01 10:30:00"),
        ("43890", True, "2024-03-01"),
        ("1", False, "1900-01-01"),
        ("61", False, "1900-03-01"),
        ("0.5", False, "12:00:00"),
        ("-1", False, "-1"),
        ("99999999", False, "99999999"),
    ],
)
def test_serial_dates(serial, base_1904, text):
    assert cells.serial_text(serial, base_1904=base_1904) == text


def test_a_number_format_is_read_as_far_as_excel_writes_one():
    """In time that grows with the square of the length, two million brackets would take hours."""
    assert not cells.is_date_format("164", "[" * 2_000_000)
    assert cells.is_date_format("164", "yyyy" + "[" * 2_000_000)
