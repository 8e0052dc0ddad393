"""What a form of a part is made of: single values, one of several limits, lists with a row for each, conditions.

An input draws what a part of the document holds (plain values, as `parse` reads them) and puts what was posted back
into a part. What is not the kind of value it should be stays the text that was typed: the document refuses it with
the way out, at its place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.http import QueryDict
from django.utils.functional import Promise

from troth.console.numbers import decimal
from troth.kit.documents.source import Path, shown
from troth.programs.document.shapes import ProgrammeDocument

from .conditions import posted, same_form

Text = str | Promise
Choices = Sequence[tuple[str, Text]]
Kind = Literal["text", "code", "number", "whole", "date", "time", "choice", "bool"]
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the choices of a form come from: the document, and what the company has made elsewhere."""

    document: ProgrammeDocument
    currencies: Choices = ()
    campaigns: Choices = ()
    events: Choices = ()
    zones: Sequence[str] = ()


ChoicesOf = Callable[[Surroundings], Choices]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """When an input belongs: only while another one has one of these values."""

    name: str
    values: tuple[str, ...]

    def holds(self, form: Mapping[str, Any]) -> bool:
        """Tell whether it belongs under what was posted."""
        return form.get(self.name, "") in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value of a part at a path within it. shown: when it belongs, always where None."""

    path: Path
    label: Text
    hint: Text = ""
    shown: Shown | None = None
    is_wide: bool = False

    @property
    def name(self) -> str:
        """Return the name in the form."""
        return "-".join(map(str, self.path))

    @property
    def widget(self) -> str:
        """Return what draws it."""
        raise NotImplementedError

    def covers(self, path: Path) -> bool:
        """Tell whether a problem at a path of the part is one of this input."""
        return path[: len(self.path)] == self.path

    def is_about(self, where: str, part: Path) -> bool:
        """Tell whether a problem, at a path as people read it, is one of this input in the part."""
        own = shown(part)
        if not where.startswith(own):
            return False
        return self.covers(_steps(where.removeprefix(own)))

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return what the template needs."""
        raise NotImplementedError

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put what was posted into the part."""
        raise NotImplementedError

    def held(self, part: Any) -> Any:
        """Return what a part holds, the same for all ways to write it."""
        return at(part, self.path)

    def keep(self, before: Any, part: dict[str, Any]) -> None:
        """Leave a value as it was written where it is the same, defaults and spellings included."""
        written = at(before, self.path)
        if written is not None and self.held(before) == self.held(part):
            set_at(part, self.path, written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Single(Input):
    """One value. choices: what may be chosen; default: what the document means where nothing stands."""

    kind: Kind = "text"
    choices: Choices | ChoicesOf = ()
    default: str = ""
    is_always_written: bool = False
    suggest: str = ""

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return self.kind if self.kind in ("choice", "bool") else "typed"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return value and choices; a value that is none of them is offered as it is written."""
        text = self.held(part)
        if self.kind == "bool":
            return {"value": text}
        if self.kind == "choice":
            return {"value": text, "choices": offered(self.choices, around, text)}
        value = at(part, self.path)
        return {"value": "" if value is None else plain(value)}

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the value, nothing where it is what the document means anyway."""
        if self.kind == "bool":
            is_on = bool(form.get(self.name))
            set_at(part, self.path, None if is_on == (self.default == "yes") else is_on)
            return
        default = "" if self.is_always_written else self.default
        set_at(part, self.path, typed(self.kind, form.get(self.name, ""), default))

    def held(self, part: Any) -> Any:
        """Return the value, the default where nothing stands."""
        value = at(part, self.path)
        if self.kind == "bool":
            return value is not False if self.default == "yes" else value is True
        return self.default if value is None else plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Input):
    """A name in both languages."""

    is_needed: bool = True
    is_wide: bool = True

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "named"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return both names."""
        return self.held(part)

    def held(self, part: Any) -> dict[str, str]:
        """Return both names; one text is the same in both."""
        value = at(part, self.path)
        if isinstance(value, dict):
            return {"en": value.get("en", ""), "zh": value.get("zh", "") or ""}
        return {"en": value or "", "zh": ""}

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the names given; one that is needed and missing stays for the document to name."""
        english, chinese = form.get(f"{self.name}-en", "").strip(), form.get(f"{self.name}-zh", "").strip()
        found = {key: text for key, text in (("en", english), ("zh", chinese)) if text}
        if found or self.is_needed:
            set_at(part, self.path, found or {"en": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Either(Input):
    """One number under one of several keys: points, money or times. none: what no number means, "" where it is needed.

    path: of what the keys stand in; label of the choice is `label`.
    """

    code: str
    keys: Choices
    none: Text = ""
    is_text: bool = False

    @property
    def name(self) -> str:
        """Return the name in the form."""
        return self.code

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "either"

    def covers(self, path: Path) -> bool:
        """Tell whether a problem is one of a key, or of what the keys stand in."""
        deep = len(self.path)
        return path[:deep] == self.path and (len(path) == deep or path[deep] in dict(self.keys))

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return which key stands there, with its number."""
        key, value = self.held(part)
        return {"key": key or ("" if self.none else self.keys[0][0]), "value": value, "choices": self.keys}

    def held(self, part: Any) -> tuple[str, str]:
        """Return key and number."""
        inside = at(part, self.path)
        key = next((key for key, _label in self.keys if at(inside, (key,)) is not None), "")
        return key, plain(at(inside, (key,))) if key else ""

    def keep(self, before: Any, part: dict[str, Any]) -> None:
        """Leave the number as it was written where it is the same."""
        key, _value = self.held(before)
        if key and self.held(before) == self.held(part):
            set_at(part, (*self.path, key), at(before, (*self.path, key)))

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the number under the key that was chosen."""
        key = form.get(f"{self.code}-key", "")
        if key in dict(self.keys):
            set_at(part, (*self.path, key), typed("number", form.get(self.code, "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked(Input):
    """Several of what is offered, each by its code."""

    choices: ChoicesOf
    none: Text = ""

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "picked"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return what is offered, and what of it is chosen."""
        chosen = [str(one) for one in as_list(at(part, self.path))]
        known = list(self.choices(around))
        gone = [(code, code) for code in chosen if code not in dict(known)]
        return {"options": [(code, label, code in chosen) for code, label in [*known, *gone]], "none": self.none}

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the codes chosen."""
        set_at(part, self.path, form.getlist(self.name)[:MAX_ROWS] or None)

    def held(self, part: Any) -> list[str]:
        """Return the codes."""
        return sorted(plain(one) for one in as_list(at(part, self.path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Input):
    """Several texts, one a line. suggest: the fact of the customers' catalogue that knows such texts."""

    suggest: str = ""

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "texts"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return the texts."""
        return {"values": [plain(one) for one in as_list(at(part, self.path))]}

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the texts that are not empty."""
        set_at(part, self.path, [text.strip() for text in form.getlist(self.name) if text.strip()][:MAX_ROWS] or None)

    def held(self, part: Any) -> list[str]:
        """Return the texts."""
        return [plain(one) for one in as_list(at(part, self.path))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list."""

    code: str
    label: Text
    kind: Kind = "text"
    choices: Choices | ChoicesOf = ()
    default: str = ""
    suggest: str = ""


Rows = list[dict[str, Any]]


def _cell(row: Mapping[str, Any], column: Column) -> str:
    value = row.get(column.code)
    return column.default if value is None else plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Input):
    """A list with a row for each. unpacked, packed: between what stands in the document and rows by column.

    add: on the button; first: of a row that one adds.
    """

    columns: tuple[Column, ...]
    add: Text
    unpacked: Callable[[Any], Rows] = field(default=lambda value: [dict(one) for one in as_list(value)])
    packed: Callable[[Rows], Any] = field(default=lambda rows: rows or None)
    is_wide: bool = True

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "table"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return the rows, and the cells of an empty one."""
        rows = self._rows(part)
        return {
            "rows": [self._cells(row, around) for row in rows[:MAX_ROWS]],
            "empty": self._cells({}, around),
            "add": self.add,
        }

    def _rows(self, part: Any) -> Rows:
        return [row for row in self.unpacked(at(part, self.path)) if isinstance(row, dict)]

    def held(self, part: Any) -> list[list[str]]:
        """Return the cells of the rows, defaults filled in."""
        return [[_cell(row, column) for column in self.columns] for row in self._rows(part)]

    def _cells(self, row: Mapping[str, Any], around: Surroundings) -> list[dict[str, Any]]:
        cells = []
        for column in self.columns:
            value = _cell(row, column)
            choices = offered(column.choices, around, value) if column.kind == "choice" else ()
            cells.append({"column": column, "name": f"{self.name}.{column.code}", "value": value, "choices": choices})
        return cells

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the rows in which anything was typed."""
        columns = [form.getlist(f"{self.name}.{column.code}") for column in self.columns]
        rows: Rows = []
        for cells in list(zip(*columns, strict=False))[:MAX_ROWS]:
            row = {
                column.code: typed(column.kind, cell, column.default)
                for column, cell in zip(self.columns, cells, strict=True)
            }
            if any(cell.strip() for column, cell in zip(self.columns, cells, strict=True) if column.kind != "choice"):
                rows.append({code: value for code, value in row.items() if value is not None})
        set_at(part, self.path, self.packed(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Input):
    """A condition in the one language, made from facts. of: "scene" (an order or event) or "lines"."""

    of: Literal["scene", "lines"]
    is_wide: bool = True

    @property
    def widget(self) -> str:
        """Return what draws it."""
        return "condition"

    def drawn(self, part: Any, around: Surroundings) -> dict[str, Any]:
        """Return the condition as it is written."""
        return {"definition": at(part, self.path) or {"all": []}}

    def put(self, part: dict[str, Any], form: QueryDict) -> None:
        """Put the condition; an empty one is none."""
        set_at(part, self.path, posted(form.get(self.name, "")))

    def held(self, part: Any) -> Any:
        """Return the condition as a browser sends it."""
        return same_form(at(part, self.path))


# --- values


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path of plain values, None where nothing does."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def set_at(part: dict[str, Any], path: Path, value: Any) -> None:
    """Put a value at a path of keys, making what it stands in; None puts nothing."""
    if value is None:
        return
    for key in path[:-1]:
        part = part.setdefault(str(key), {})
    part[str(path[-1])] = value


def _steps(where: str) -> Path:
    """Return the steps of a path as people read it: .caps[0].points."""
    parts = where.replace("]", "").replace("[", ".").split(".")
    return tuple(int(part) if part.isdecimal() else part for part in parts if part)


def as_list(value: Any) -> list[Any]:
    """Return a list, an empty one for what is none."""
    return list(value) if isinstance(value, list | tuple) else []


def plain(value: Any) -> str:
    """Return a value as one types it."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def typed(kind: Kind, text: str, default: str = "") -> Any:
    """Return what was typed as the document has it: None for nothing, or for what is meant anyway."""
    text = text.strip()
    if not text or text == default:
        return None
    if kind not in ("number", "whole"):
        return text
    number = decimal(text.replace(",", "").replace("，", ""))
    if number is None:
        return text
    return int(number) if number == number.to_integral_value() else number


def offered(choices: Choices | ChoicesOf, around: Surroundings, value: str) -> list[tuple[str, Text]]:
    """Return what may be chosen, and what is chosen though it has gone."""
    found = list(choices(around) if callable(choices) else choices)
    return found if value in dict(found) else [*found, (value, value)]


def names_of(parts: Iterable[Any], label: Callable[[Any], Text]) -> list[tuple[str, Text]]:
    """Return parts of a document as choices."""
    return [(part.code, label(part)) for part in parts]
