"""Facts that lie in the same rows, gathered in one scan of them: what each condition looks at becomes its FILTER.

A scan gathers by the facts' own owner first, in which databases are quick and know how many to expect, and only
then brings together what belongs to merged records.
"""
# ruff: noqa: S608  -- put together from compiled querysets; every operand is a parameter

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import Field as ModelField

from .checks import Sql
from .fields import Rowset

_INNER = {"COUNT": "COUNT({0}){1}", "SUM": "CAST(SUM({0}){1} AS BIGINT)", "MIN": "MIN({0}){1}", "MAX": "MAX({0}){1}"}
_OUTER = {"COUNT": "CAST(SUM({0}) AS BIGINT)", "SUM": "CAST(SUM({0}) AS BIGINT)", "MIN": "MIN({0})", "MAX": "MAX({0})"}


@dataclass(frozen=True, slots=True)
class Source:
    """A queryset of `x_owner` and `x_value`, taken apart: SQL of its tables, columns and conditions.

    field: what `x_value` is.
    """

    tables: Sql
    owner: Sql
    value: Sql
    conditions: tuple[Sql, ...]
    field: ModelField[Any, Any]

    @property
    def key(self) -> str:
        """Return what sources have in common that one scan can serve.

        Conditions that ask another table belong to it: as a FILTER each would keep that table's rows in memory.
        """
        return repr((self.tables, self.owner, [one for one in self.conditions if "SELECT " in one[0]]))


@dataclass(frozen=True, slots=True)
class _Measure:
    """One aggregate of a scan over the rows that meet its conditions; empty: over all."""

    function: str
    value: Sql
    conditions: tuple[Sql, ...]


def taken_apart(rows: Rowset, using: str) -> Source | None:
    """Return the parts of a queryset with the values `x_owner` and `x_value`; None if it is more than one scan."""
    query = rows.query
    if query.distinct or query.combinator or query.is_sliced or query.group_by or query.where.negated:
        return None
    if query.where.connector != "AND":
        return None
    compiler = query.get_compiler(using, elide_empty=False)
    compiler.pre_sql_setup()
    columns = {alias: (sql, list(params)) for _expression, (sql, params), alias in compiler.select}
    tables, params = compiler.get_from_clause()
    conditions = tuple(_conditions(query.where.children, compiler))
    field = query.annotations["x_value"].output_field
    return Source((" ".join(tables), list(params)), columns["x_owner"], columns["x_value"], conditions, field)


def _conditions(children: Iterable[Any], compiler: Any) -> Iterator[Sql]:
    for child in children:
        try:
            sql, params = compiler.compile(child)
        except EmptyResultSet:
            sql, params = "1 = 0", []
        except FullResultSet:
            continue
        if sql:
            yield f"({sql})", list(params)


class Scan:
    """One pass over some tables for any number of measures."""

    def __init__(self, source: Source) -> None:
        self.tables = source.tables
        self.owner = source.owner
        self.measures: dict[str, _Measure] = {}

    def column(self, function: str, value: Sql, conditions: tuple[Sql, ...]) -> str:
        """Return the name of the column that holds COUNT, SUM, MIN or MAX of the value; a new one if none does."""
        measure = _Measure(function, value, conditions)
        for name, known in self.measures.items():
            if known == measure:
                return name
        name = f"x_{len(self.measures)}"
        self.measures[name] = measure
        return name

    def sql(self, aliases: Sql | None) -> Sql:
        """Return the query of one row per canonical record, `x_owner` and the columns.

        aliases: query of `record` and `canonical` for records merged into others.
        """
        inner, params = self._gathered()
        if aliases is None:
            return inner, params
        columns = [f"{_OUTER[one.function].format(f'g.{name}')} AS {name}" for name, one in self.measures.items()]
        owner = "COALESCE(a.canonical, g.x_owner)"
        return (
            f"SELECT {', '.join([f'{owner} AS x_owner', *columns])} FROM ({inner}) g"
            f" LEFT JOIN ({aliases[0]}) a ON a.record = g.x_owner GROUP BY {owner}",
            [*params, *aliases[1]],
        )

    def _gathered(self) -> Sql:
        """Return the query by the facts' own owners."""
        shared = [one for one in self._any().conditions if all(one in each.conditions for each in self._all())]
        own = {name: [one for one in each.conditions if one not in shared] for name, each in self.measures.items()}
        selected, params = [f"{self.owner[0]} AS x_owner"], list(self.owner[1])
        for name, measure in self.measures.items():
            only, only_params = _all_of(own[name])
            filtered = f" FILTER (WHERE {only})" if only else ""
            selected.append(f"{_INNER[measure.function].format(measure.value[0], filtered)} AS {name}")
            params += [*measure.value[1], *only_params]
        where, where_params = _all_of([*shared, *_one_of(list(own.values()))])
        sql = f"SELECT {', '.join(selected)} FROM {self.tables[0]}{f' WHERE {where}' if where else ''}"
        return f"{sql} GROUP BY {self.owner[0]}", [*params, *self.tables[1], *where_params, *self.owner[1]]

    def _all(self) -> list[_Measure]:
        return list(self.measures.values())

    def _any(self) -> _Measure:
        return self._all()[0]


def _all_of(conditions: Sequence[Sql]) -> Sql:
    return " AND ".join(sql for sql, _params in conditions), [one for _sql, params in conditions for one in params]


def _one_of(choices: Sequence[Sequence[Sql]]) -> list[Sql]:
    """Return the condition that a row counts for at least one of the measures; none if one counts every row."""
    if any(not one for one in choices):
        return []
    found = [_all_of(one) for index, one in enumerate(choices) if one not in choices[:index]]
    return [(f"({' OR '.join(f'({sql})' for sql, _params in found)})", [one for _sql, own in found for one in own])]
