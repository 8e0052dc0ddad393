import csv
import io
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from itertools import islice
from random import Random

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.imports import reading
from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading import Position, batches, pick, prepare, regular


@pytest.fixture
def look(tmp_path):
    def look(content, name="file.csv", **options):
        path = tmp_path / name
        path.write_bytes(content)
        return prepare(path, copy_to=tmp_path / "copy.csv", **options)

    return look


def rows_of(source, **options):
    found = []
    for batch in batches(source, **options):
        found += zip(batch.rows.to_list(), batch.cells.rows(), strict=True)
    return found


def faults_of(source):
    return [(fault.row, fault.code) for batch in batches(source) for fault in batch.faults]


@pytest.mark.parametrize(
    ("encoding", "bom", "seen"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("gb18030", b"", "gb18030"),
        ("utf-16-le", b"\xff\xfe", "utf-8"),
        ("utf-16-be", b"\xfe\xff", "utf-8"),
        ("utf-16-le", b"", "utf-8"),
    ],
)
def test_every_encoding_gives_the_same_rows(look, encoding, bom, seen):
    source = look(bom + "订单号,金额,order\r\n20240001,12.50,张三\r\n".encode(encoding))
    assert source.encoding == seen
    assert source.columns == ("订单号", "金额", "order")
    assert rows_of(source) == [(2, ("20240001", "12.50", "张三"))]


@pytest.mark.slow
def test_a_chinese_name_on_the_last_line_decides_the_encoding(look):
    source = look(b"order id,name\n" + b"1,Ann\n" * 50_000 + "2,张三\n".encode("gb18030"))
    assert source.encoding == "gb18030"
    assert rows_of(source)[-1] == (50_002, ("2", "张三"))


@pytest.mark.parametrize(
    ("name", "encoding", "seen"),
    [("Andrés Müller", "cp1252", "cp1252"), ("欧阳小明", "gb18030", "gb18030"), ("王喆", "gb18030", "gb18030")],
)
def test_accents_are_not_taken_for_chinese(look, name, encoding, seen):
    source = look(f"order id,name\n1,{name}\n".encode(encoding))
    assert source.encoding == seen
    assert rows_of(source) == [(2, ("1", name))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "\x01", "^", "，"])
def test_delimiter_is_found_although_amounts_hold_commas(look, delimiter):
    rows = [["order id", "amount"], ["1", "1,5"], ["2", "2,5"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    source = look(buffer.getvalue().encode())
    assert source.delimiter == delimiter
    assert rows_of(source) == [(2, ("1", "1,5")), (3, ("2", "2,5"))]


def test_header_below_a_title_is_found_and_rows_count_as_in_a_spreadsheet(look):
    source = look("会员消费明细\n\n订单号,金额\n1,2\n\n3,4\n".encode())
    assert source.header_row == 3
    assert rows_of(source) == [(4, ("1", "2")), (6, ("3", "4"))]


def test_file_without_header(look):
    source = look(b"1001,2024-01-01,5.00\n1002,2024-01-02,6.00\n")
    assert (source.header_row, source.columns) == (0, ("", "", ""))
    assert rows_of(source)[0] == (1, ("1001", "2024-01-01", "5.00"))


def test_old_mac_line_ends(look):
    assert rows_of(look(b"order id\tamount\r1\t2\r3\t4")) == [(2, ("1", "2")), (3, ("3", "4"))]


def test_broken_quotes_cost_their_own_row_only(look):
    source = look(b'order id,amount\n1,2\n"open,3\n4,5\n"a"b,6\n7,8\n')
    assert rows_of(source) == [(2, ("1", "2")), (4, ("4", "5")), (6, ("7", "8"))]
    assert faults_of(source) == [(3, "text_after_quote"), (5, "text_after_quote")]


def test_quote_open_to_the_end_of_file_swallows_nothing(look):
    source = look(b'order id,amount\n1,"2\n3,4\n5,6\n')
    assert rows_of(source) == [(3, ("3", "4")), (4, ("5", "6"))]
    assert faults_of(source) == [(2, "unclosed_quote")]


def test_quotes_without_meaning(look):
    source = look(b'order id\tname\n1\t"5 inch\n2\tx\n', quote="")
    assert rows_of(source) == [(2, ("1", '"5 inch')), (3, ("2", "x"))]


@pytest.mark.slow
def test_cell_of_ten_megabytes_is_refused_and_the_rest_read(look):
    source = look(b"order id,amount\n1,2\n3," + b"x" * 10_000_000 + b"\n4,5\n")
    assert rows_of(source) == [(2, ("1", "2")), (4, ("4", "5"))]
    assert faults_of(source) == [(3, "record_too_long")]


def test_rows_longer_or_shorter_than_the_header(look):
    source = look(b"order id,amount\n1\n2,3,\n4,5,6\n")
    (batch,) = batches(source)
    assert batch.cells.rows() == [("1", ""), ("2", "3")]
    assert [(fault.row, fault.code, fault.values) for fault in batch.faults] == [
        (4, "too_many_cells", {"found": 3, "expected": 2})
    ]
    assert batch.mended == {"cells_missing_at_end": 1, "empty_cells_at_end": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file_empty"),
        (b"\n\n\n", "file_empty"),
        (b"%PDF-1.7 ...", "file_kind_unknown"),
        (b"<html><table>", "file_kind_unknown"),
        (b"PK\x03\x04 not a zip", "file_damaged"),
        (b"PAR1 not parquet", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not ole", "file_damaged"),
        (b",".join(b"c%d" % i for i in range(1_001)), "too_many_columns"),
        pytest.param(b"c," * 10_000_000, "first_rows_too_long", marks=pytest.mark.slow, id="10 million columns"),
    ],
)
def test_hostile_and_wrong_files_are_refused_in_words(look, content, reason):
    with pytest.raises(FileRefusedError) as refused:
        look(content)
    assert refused.value.reason == reason


def test_file_in_which_every_quote_is_broken_is_refused(look):
    line = b'1,"x\n' + b"y" * 900 + b"\n"
    source = look(b"order id,amount\n" + line * 3_000, quote='"')
    with pytest.raises(FileRefusedError) as refused:
        list(batches(source, limits=Limits(reread_bytes=100_000)))
    assert refused.value.reason == "too_many_broken_quotes"


def test_too_many_rows(look):
    source = look(b"order id,amount\n" + b"1,2\n" * 20)
    with pytest.raises(FileRefusedError) as refused:
        list(batches(source, limits=Limits(rows=10, batch_rows=5)))
    assert refused.value.reason == "too_many_rows"


def test_source_survives_json(look):
    source = look("订单号;金额\n1;2\n".encode("gb18030"))
    assert reading.Source.from_json(source.as_json()) == source


cells = st.text(alphabet=st.characters(codec="gb18030", exclude_characters="\r\x00\ufffd"), max_size=6)


@pytest.mark.slow
@given(
    records=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16-le"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    batch_rows=st.integers(1, 5),
)
def test_what_a_csv_writer_writes_is_read_back_from_any_checkpoint(
    tmp_path_factory, records, delimiter, encoding, line_end, batch_rows
):
    folder = tmp_path_factory.mktemp("csv")
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_end).writerows(
        [["order id", "amount", "name"], *records]
    )
    path = folder / "file.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    source = prepare(path, copy_to=folder / "copy.csv", encoding=encoding, delimiter=delimiter, header_row=1)
    expected = [(row, tuple(record)) for row, record in enumerate(records, start=2) if any(record)]
    limits = Limits(batch_rows=batch_rows)
    assert rows_of(source, limits=limits) == expected
    # Stop after the first batch, start again at its end: nothing lost, nothing twice.
    first = next(batches(source, limits=limits))
    head = list(zip(first.rows.to_list(), first.cells.rows(), strict=True))
    assert head + rows_of(source, start=first.end, limits=limits) == expected
    assert [(row, tuple(found)) for row, found in pick(source, [row for row, _ in expected])] == expected


# lesson: an import freezes on one odd character
@given(content=st.binary(max_size=400))
def test_no_bytes_crash_the_reader(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("noise")
    path = folder / "file.csv"
    path.write_bytes(content)
    try:
        source = prepare(path, copy_to=folder / "copy.csv")
        for batch in batches(source):
            assert len(batch.cells) == len(batch.rows)
    except FileRefusedError:
        pass


@pytest.mark.slow
def test_parquet_is_read_as_the_text_of_its_values_and_from_any_row(tmp_path):
    path = tmp_path / "orders.parquet"
    frame = pl.DataFrame(
        {
            "order id": [f"A{i}" for i in range(10)],
            "customer id": [13800138000.0, None, *[float(i) for i in range(8)]],
            "amount": [0.1 + 0.2] * 10,
            "day": pl.Series(["2024-01-31"] * 10).str.to_date(),
            "at": pl.Series(["2024-01-31 10:00:00"] * 10).str.to_datetime(time_zone="Asia/Shanghai"),
        }
    )
    frame.write_parquet(path, row_group_size=4)
    source = prepare(path, copy_to=tmp_path / "copy.csv")
    rows = rows_of(source)
    assert rows[0] == (
        1,
        ("A0", "13800138000", "0.30000000000000004", "2024-01-31", "2024-01-31 10:00:00+08:00"),
    )
    assert rows[1][1][1] == ""
    for skip in range(10):
        assert rows_of(source, start=Position(skip, skip)) == rows[skip:]
    assert [row for row, _ in pick(source, [2, 9])] == [2, 9]


@pytest.mark.slow
def test_parquet_long_text_is_kept_just_long_enough_to_be_refused(tmp_path):
    path = tmp_path / "long.parquet"
    pl.DataFrame({"order id": ["x" * 10_000_000, "y"]}).write_parquet(path)
    source = prepare(path, copy_to=tmp_path / "copy.csv")
    assert [len(cells[0]) for _, cells in rows_of(source)] == [Limits().cell_chars + 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.binary(1_000), pa.string_view()])
def test_parquet_repeated_text_stays_within_the_bytes_of_a_batch(tmp_path, kind):
    path = tmp_path / "repeated.parquet"
    value = "x" * 1_000 if pa.types.is_string(kind) or "string" in str(kind) else b"x" * 1_000
    names = {f"n{i}": pa.array([value, None, value, value] * 100, kind) for i in range(3)}
    pq.write_table(pa.table({"order id": [f"A{i}" for i in range(400)], **names}), path)
    assert path.stat().st_size < 20_000
    source = prepare(path, copy_to=tmp_path / "copy.csv")
    limits = Limits(batch_bytes=20_000)
    found = list(batches(source, limits=limits))
    # One row is 3,000 bytes and its number: the row with which a batch would be full comes in the next one.
    assert max(batch.cells.select(pl.all().str.len_bytes().sum()).sum_horizontal()[0] for batch in found) <= 20_000
    rows = [row for batch in found for row in batch.cells.iter_rows()]
    text = "x" * 1_000
    assert rows == [(f"A{i}", *[("" if i % 4 == 1 else text)] * 3) for i in range(400)]
    middle = found[len(found) // 2].end
    rest = list(batches(source, start=middle, limits=limits))
    assert [row for batch in rest for row in batch.cells.iter_rows()] == rows[middle.row :]


def test_a_machine_out_of_memory_is_not_called_a_damaged_file(tmp_path, monkeypatch):
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"order id": ["A1"]}).write_parquet(path)
    source = prepare(path, copy_to=tmp_path / "copy.csv")

    def fail(*_args, **_options):
        raise pa.ArrowMemoryError("malloc of size 500000000 failed")

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", fail)
    with pytest.raises(pa.ArrowMemoryError):
        list(batches(source))


def test_parquet_with_nested_values_is_refused(tmp_path):
    path = tmp_path / "nested.parquet"
    pl.DataFrame({"order id": [[1, 2]]}).write_parquet(path)
    with pytest.raises(FileRefusedError, match="nested"):
        prepare(path, copy_to=tmp_path / "copy.csv")


INFINITY = 2**31 - 1


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([INFINITY, 0, None], pa.date32()), [f"1970-01-01 + {INFINITY} d", "1970-01-01", ""]),
        (pa.array([-INFINITY, 2_932_895], pa.date32()), [f"1970-01-01 + {-INFINITY} d", "9999-12-30"]),
        (pa.array([2**63 - 1, 0], pa.timestamp("us")), ["1970-01-01 + 106751991 d", "1970-01-01 00:00:00"]),
        (pa.array([2**63 - 1, 0], pa.timestamp("ms", "Asia/Shanghai")), None),
        (pa.array([-(2**63) + 1, 2**63 - 1], pa.timestamp("ns")), None),
        (pa.array([0], pa.timestamp("us", "Mars/Base")), ["1970-01-01 00:00:00+00:00"]),
        (pa.array([0], pa.timestamp("us", "+08:00")), ["1970-01-01 08:00:00+08:00"]),
        (pa.array([Decimal("9" * 60 + ".25")], pa.decimal256(76, 2)), ["9" * 60 + ".25"]),
        (pa.array([90_000], pa.duration("ms")), ["90000"]),
        (pa.array([b"\xff\x00"], pa.binary()), ["\ufffd\x00"]),
        (pa.array([2**64 - 1], pa.uint64()), [str(2**64 - 1)]),
        (pa.nulls(2), ["", ""]),
    ],
)
def test_parquet_with_values_of_the_far_ends_is_read_to_its_end(tmp_path, values, texts):
    path = tmp_path / "far.parquet"
    pq.write_table(pa.table({"order id": [f"A{place}" for place in range(len(values))], "value": values}), path)
    rows = rows_of(prepare(path, copy_to=tmp_path / "copy.csv"))
    assert [row for _number, (row, _value) in rows] == [f"A{place}" for place in range(len(values))]
    if texts is not None:
        assert [value for _number, (_row, value) in rows] == texts


def test_parquet_without_a_column_is_empty(tmp_path):
    path = tmp_path / "none.parquet"
    pq.write_table(pa.table({}), path)
    with pytest.raises(FileRefusedError, match="empty"):
        prepare(path, copy_to=tmp_path / "copy.csv")


@pytest.mark.parametrize("crash", [pl.exceptions.PanicException("x"), pl.exceptions.InvalidOperationError("x")])
def test_a_library_that_breaks_refuses_the_file_and_leaves_the_worker(tmp_path, monkeypatch, crash):
    def breaks(_series):
        raise crash

    path = tmp_path / "panic.parquet"
    pq.write_table(pa.table({"order id": ["A1"]}), path)
    source = prepare(path, copy_to=tmp_path / "copy.csv")
    monkeypatch.setattr("troth.imports.reading.parquet._render", breaks)
    with pytest.raises(FileRefusedError, match="damaged"):
        rows_of(source)


@pytest.mark.slow
def test_a_damaged_parquet_file_is_refused_or_read_never_a_failure(tmp_path):
    path = tmp_path / "damaged.parquet"
    pq.write_table(
        pa.table({"order id": ["A1", "A2"], "amount": [1.5, 2.5], "day": pa.array([1, 2], pa.date32())}), path
    )
    good, random = path.read_bytes(), Random(9)
    for _turn in range(400):
        content = bytearray(good)
        for _byte in range(random.randint(1, 4)):
            content[random.randrange(len(content))] = random.randrange(256)
        path.write_bytes(content)
        with suppress(FileRefusedError):
            rows_of(prepare(path, copy_to=tmp_path / "copy.csv"))


@pytest.mark.slow
def test_batches_stay_within_their_bytes(look):
    source = look(b"order id,name\n" + (b"1," + b"x" * 10_000 + b"\n") * 100)
    sizes = [len(batch.rows) for batch in islice(batches(source, limits=Limits(batch_bytes=50_000)), 3)]
    assert sizes == [4, 4, 4]


plain = st.text(alphabet=st.sampled_from(list('ab1 ,;\t"\r\n\x00\x0b\x85\u2028é张\ufeff')), max_size=4)


@pytest.mark.slow
@given(
    lines=st.lists(st.lists(plain, min_size=2, max_size=4).map(",".join), max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
    batch_rows=st.integers(1, 6),
    has_end=st.booleans(),
)
def test_the_quick_way_and_the_careful_way_read_the_same(
    tmp_path_factory, monkeypatch_module, lines, end, encoding, batch_rows, has_end
):
    path = tmp_path_factory.mktemp("ways") / "file.csv"
    text = end.join(["order id,amount,name", *lines]) + (end if has_end else "")
    path.write_bytes(text.encode(encoding, "ignore"))
    source = prepare(path, copy_to=path, encoding=encoding, delimiter=",", header_row=1)
    limits = Limits(batch_rows=batch_rows)

    def seen():
        read = list(batches(source, limits=limits))
        rows = [row for batch in read for row in zip(batch.rows, batch.cells.rows(), strict=True)]
        faults = [(fault.row, fault.code) for batch in read for fault in batch.faults]
        return rows, faults, sum((batch.mended for batch in read), Counter())

    quick = seen()
    with monkeypatch_module.context() as patch:
        patch.setattr(regular, "read_batch", lambda *_: None)
        assert quick == seen()


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch
