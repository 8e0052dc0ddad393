"""What people send: a file, the meaning of its columns, how it is to be read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from troth.imports.models import ImportRun
from troth.imports.options import DateOrderChoice, OnConflict, OnMissing, OrderNumbers
from troth.imports.targets import SHAPE_LABELS, Shape
from troth.kit import clock, regions

ENCODINGS = [("", _("Find out")), ("utf-8", "UTF-8"), ("gb18030", "GB18030 / GBK"), ("utf-16", "UTF-16")]
DELIMITERS = [
    ("", _("Find out")),
    (",", _("Comma")),
    (";", _("Semicolon")),
    ("\t", _("Tab")),
    ("|", _("Vertical bar")),
]
MARKS = [("", _("As the amounts tell")), (".", "1,234.50"), (",", "1.234,50")]
DATE_ORDERS = [
    (DateOrderChoice.AUTO, _("As the column tells")),
    (DateOrderChoice.DAY_FIRST, _("Day first: 31/12/2026")),
    (DateOrderChoice.MONTH_FIRST, _("Month first: 12/31/2026")),
]
CONFLICTS = [
    (OnConflict.REFUSE, _("Refuse the row and say so")),
    (OnConflict.UPDATE, _("Take the file's content")),
]
NUMBERS = [
    (OrderNumbers.SOURCE, _("in the whole system")),
    (OrderNumbers.STORE_DAY, _("per store and day")),
]
MISSING = [
    (OnMissing.REFUSE, _("Refuse the order and say so")),
    (OnMissing.ADD, _("Add the customer by this number")),
]


class UploadForm(forms.Form):
    """A file to be looked at."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Excel (.xlsx, .xls) or Parquet. Nothing is imported until you say so."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.xlsb,.ods,.parquet"}),
    )
    shape = forms.ChoiceField(
        label=_("What is a row?"),
        required=False,
        choices=[("", _("Find out")), *((shape.value, label) for shape, label in SHAPE_LABELS.items())],
    )


class ReadingForm(forms.Form):
    """How a file is read, and what happens with what is known already or missing."""

    shape = forms.ChoiceField(
        label=_("What is a row?"), choices=[(s.value, label) for s, label in SHAPE_LABELS.items()]
    )
    source = forms.SlugField(
        label=_("System the file comes from"),
        max_length=64,
        help_text=_("Numbers are unique per system. Customers and their orders must name the same one."),
    )
    date_order = forms.ChoiceField(label=_("Dates such as 03/04/2026"), choices=DATE_ORDERS)
    decimal_mark = forms.ChoiceField(label=_("Decimal mark"), choices=MARKS, required=False)
    on_conflict = forms.ChoiceField(label=_("A known order number with other content"), choices=CONFLICTS)
    order_numbers = forms.ChoiceField(
        label=_("Order numbers are unique"),
        choices=NUMBERS,
        help_text=_("Tills that begin with 1 every morning: the number is kept as store/day/number."),
    )
    on_missing = forms.ChoiceField(label=_("An order of an unknown customer"), choices=MISSING)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), help_text=_("Where the file names none: an ISO code such as CNY.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone of the file"))
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Phone numbers without a country code are read as numbers of this country."),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, required=False)
    header_row = forms.IntegerField(
        label=_("Row of the headers"), min_value=0, max_value=20, required=False, help_text=_("0: the file has none.")
    )
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(run)} | kwargs)
        self._choices("time_zone", [(zone, zone) for zone in sorted(clock.time_zones())])
        self._choices("country", regions.country_choices())
        self._choices("sheet", [(sheet, sheet) for sheet in run.source["sheets"]])
        is_text = not run.source["sheets"] and run.source["kind"] == "text"
        unfit = ["sheet"] if is_text else ["encoding", "delimiter"]
        if run.source["kind"] == "parquet":
            unfit = ["sheet", "encoding", "delimiter", "header_row"]
        if run.shape == Shape.CUSTOMERS:
            unfit += ["on_conflict", "on_missing", "order_numbers", "currency", "decimal_mark"]
        for name in unfit:
            del self.fields[name]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def choices(self) -> dict[str, Any]:
        """Return the choices as the importer takes them: what is left open is None, to be found out."""
        open_ones = {"encoding", "delimiter", "decimal_mark", "sheet"}
        return {name: None if name in open_ones and value == "" else value for name, value in self.cleaned_data.items()}


def _initial(run: ImportRun) -> dict[str, Any]:
    """Return the choices as they stand; what was found out is not shown as if it had been said."""
    return {**run.options, "header_row": run.source["header_row"], "sheet": run.source["sheet"]}


def mapping_of(data: Any, run: ImportRun) -> dict[str, int]:
    """Return target -> column number from the selects above the columns, named "column-0", "column-1", …"""
    columns = range(len(run.source["columns"]))
    said = {number: data.get(f"column-{number}", "") for number in columns}
    return {target: number for number, target in said.items() if target}
