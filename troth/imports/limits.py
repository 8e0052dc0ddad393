"""How much of a file is read before it is refused: memory stays bounded whatever somebody sends."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bounds of one import; every one is named in the refusal that it causes."""

    file_bytes: int = 50 * GIB
    rows: int = 500_000_000
    columns: int = 1_000
    cell_chars: int = 10_000
    record_bytes: int = 4 * MIB
    header_rows: int = 20  # how far down the header is looked for

    # One batch is what is held in memory at a time.
    batch_rows: int = 50_000
    batch_bytes: int = 32 * MIB

    # Broken quotes make the reader step back; this much re-reading is tolerated before the file is refused.
    reread_bytes: int = 256 * MIB
    batch_reread_bytes: int = 32 * MIB  # after so much of it a batch ends with what it has

    # Workbooks are zip files: what they claim to unpack to is checked before, what they do unpack to while reading.
    workbook_bytes: int = 256 * MIB
    workbook_unpacked_bytes: int = 4 * GIB
    workbook_ratio: int = 250
    workbook_ratio_floor_bytes: int = 8 * MIB
    workbook_entries: int = 10_000
    shared_strings: int = 2_000_000
    shared_string_bytes: int = 128 * MIB
    old_workbook_bytes: int = 24 * MIB  # .xls is read whole by its library, in a process of this much memory
    old_workbook_memory_bytes: int = 1 * GIB
    sheets_looked_at: int = 12  # for the first one whose headers are known

    parquet_row_group_bytes: int = 1 * GIB
    lines_per_order: int = 1_000


DEFAULT = Limits()
