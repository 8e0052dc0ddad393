"""What can go wrong with an import as a whole; what is wrong with one row is a refusal (see `rules`)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError

FILE_REASONS = {
    "file_empty": _("The file is empty: export it again and check that it has rows."),
    "file_too_large": _("The file has %(bytes)s bytes; the limit is %(limit)s. Split it and import the parts."),
    "file_kind_unknown": _(
        "This is not a CSV, Excel or Parquet file (%(kind)s). Save it as CSV in UTF-8 or as .xlsx and try again."
    ),
    "file_damaged": _("The file is damaged and cannot be read (%(detail)s). Export it again."),
    "encoding_unknown": _("The text encoding “%(encoding)s” is not known. Choose one of %(known)s."),
    "delimiter_invalid": _("The delimiter must be one single character, not “%(delimiter)s”."),
    "header_missing": _("No header row was found in the first %(limit)s rows."),
    "first_rows_too_long": _("Row %(row)s, where the header is expected, has %(bytes)s bytes; the limit is %(limit)s."),
    "too_many_columns": _(
        "The file has %(columns)s columns; the limit is %(limit)s. Export only the columns you need."
    ),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it and import the parts."),
    "too_many_broken_quotes": _(
        "So many quotation marks are left open that the rows cannot be told apart. "
        "Export the file again, or say that quotation marks have no meaning in it."
    ),
    "workbook_too_large": _(
        "The workbook is too large (%(what)s: %(found)s, limit %(limit)s). Save the sheet as CSV in UTF-8 and"
        " import that."
    ),
    "workbook_row_too_long": _(
        "Row %(row)s of the workbook holds %(found)s characters; the limit is %(limit)s. Shorten its cells and try"
        " again."
    ),
    "workbook_bomb": _(
        "The workbook unpacks to %(unpacked)s bytes from %(packed)s, more than %(limit)s times its size: refused"
        " as hostile."
    ),
    "workbook_encrypted": _("The workbook is protected with a password. Save it without one and try again."),
    "workbook_entities": _("The workbook declares a document type, which Excel never does: refused as hostile."),
    "sheet_missing": _("There is no sheet “%(sheet)s”. The workbook has: %(sheets)s."),
    "sheet_empty": _("The sheet “%(sheet)s” is empty."),
    "parquet_nested": _("The column “%(column)s” holds nested values. Export it as plain text, numbers or dates."),
    "parquet_row_group_too_large": _(
        "A row group unpacks to %(bytes)s bytes; the limit is %(limit)s. Write smaller row groups."
    ),
}


class FileRefusedError(InvalidError):
    """The file as a whole cannot be imported; `fields` hold the reason code and its values."""

    code = "file_refused"

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(FILE_REASONS[reason] % values, reason=reason, **values)
        self.reason = reason
        self.values = values


class ImportNotFoundError(NotFoundError):
    """No such import."""

    code = "import_not_found"


class ImportStateError(ConflictError):
    """The import is past the state in which this could be done."""

    code = "import_state"


class NothingEarnsError(ConflictError):
    """The orders shall earn, and no programme is in force."""

    code = "nothing_earns"


class MappingError(InvalidError):
    """The columns are not named so that the file can be imported."""

    code = "mapping_invalid"
