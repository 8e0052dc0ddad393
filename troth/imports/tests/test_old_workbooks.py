"""Workbooks of Excel 97 to 2003: read by a process of their own, so that a small one cannot take all memory."""

import struct

import pytest

from troth.imports.errors import FileRefusedError
from troth.imports.limits import MIB, Limits
from troth.imports.reading import batches, prepare

pytestmark = pytest.mark.slow  # a process for each look

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(code, data=b""):
    return struct.pack("<HH", code, len(data)) + data


def _text(value):
    return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")


def _container(stream):
    """Wrap a stream into a compound file: header, table of sectors, directory, content."""
    stream += b"\x00" * (-len(stream) % _SECTOR if len(stream) >= 4096 else 4096 - len(stream))
    count = len(stream) // _SECTOR
    fats = (count + 1) // (_SECTOR // 4 - 1) + 1
    table = [_FAT] * fats + [_END] + [fats + 2 + i for i in range(count - 1)] + [_END]
    table += [_FREE] * (fats * _SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\x00" * 6 + struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(fats), *[_FREE] * (109 - fats))

    def entry(name, kind, child, start, size):
        raw = (name + "\x00").encode("utf-16-le")
        return (
            raw.ljust(64, b"\x00") + struct.pack("<HBBIII", len(raw) if name else 0, kind, 1, _FREE, _FREE, child)
            + b"\x00" * 36 + struct.pack("<IQ", start, size)
        )  # fmt: skip

    directory = entry("Root Entry", 5, 1, _END, 0) + entry("Workbook", 2, _FREE, fats + 1, len(stream))
    directory += entry("", 0, _FREE, 0, 0) * 2
    return header + struct.pack(f"<{len(table)}I", *table) + directory + stream


def book(sheets, texts):
    """Return a workbook: sheet name -> rows of text numbers."""
    begin = struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6)
    sst = _record(0x00FC, struct.pack("<II", len(texts), len(texts)) + b"".join(_text(text) for text in texts))
    names = [name.encode("utf-16-le") for name in sheets]
    bounds = sum(4 + 8 + len(name) for name in names)
    at = 4 + len(begin) + bounds + len(sst) + 4
    parts, places = [], []
    for rows in sheets.values():
        body = b"".join(
            _record(0x00FD, struct.pack("<HHHI", i, j, 0, text))
            for i, row in enumerate(rows)
            for j, text in enumerate(row)
        )
        width = max((len(row) for row in rows), default=0)
        part = _record(0x0809, begin[:2] + b"\x10\x00" + begin[4:])
        part += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0)) + body + _record(0x000A)
        places.append(at)
        parts.append(part)
        at += len(part)
    listed = b"".join(
        _record(0x0085, struct.pack("<IHBB", place, 0, len(name) // 2, 1) + name)
        for place, name in zip(places, names, strict=True)
    )
    return _container(_record(0x0809, begin) + listed + sst + _record(0x000A) + b"".join(parts))


def read(content, tmp_path, **options):
    path = tmp_path / "book.xls"
    path.write_bytes(content)
    source = prepare(path, copy_to=tmp_path / "copy.csv", **options)
    return source, [row for batch in batches(source) for row in batch.cells.rows()]


def test_it_is_read_and_the_first_sheet_with_known_headers_is_taken(tmp_path):
    texts = ["营业报告", "订单号", "金额", "A1", "5.50"]
    content = book({"封面": [[0]], "明细": [[1, 2], [3, 4]]}, texts)
    source, rows = read(content, tmp_path)
    assert (source.sheet, source.sheets, source.columns) == ("明细", ("封面", "明细"), ("订单号", "金额"))
    assert rows == [("A1", "5.50")]
    source, rows = read(content, tmp_path, sheet="封面")
    assert (source.columns, rows) == (("营业报告",), [])
    with pytest.raises(FileRefusedError, match="封面, 明细"):
        read(content, tmp_path, sheet="no such")


def test_cells_that_repeat_one_long_text_do_not_fill_memory_or_disk(tmp_path):
    content = book({"a": [[0] * 200] * 120}, ["x" * 4_000])  # 340 KB that stand for 96 MB
    assert len(content) < MIB
    with pytest.raises(FileRefusedError) as refused:
        read(content, tmp_path, limits=Limits(old_workbook_memory_bytes=100 * MIB))
    assert refused.value.values["what"] == "memory"
    with pytest.raises(FileRefusedError) as refused:
        read(content, tmp_path, limits=Limits(workbook_ratio=10))
    assert refused.value.reason == "workbook_bomb"
    assert (tmp_path / "copy.csv").stat().st_size < 20 * MIB
