"""Many records at once: one SQL query for the members of a condition, and records loaded for the evaluator.

Every source of values is joined once, as a derived table with at most one row per record, so that any
nesting of all, any and not stays plain comparisons of columns: no subquery is run per row, whatever the
planner thinks of it. Conditions on the same rows share one scan of them (scanning.py); what no scan can
gather, such as distinct values, has a derived table of its own.
"""
# ruff: noqa: S608, S611  -- put together from compiled querysets; every operand is a parameter

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import CharField, F, IntegerField, TextField, UUIDField, Value
from django.db.models import Field as ModelField
from django.db.models.expressions import RawSQL

from . import scanning
from .catalogue import Catalogue
from .checks import LunarDay, SetCheck, Sql, SqlValue, fold_sql
from .fields import Aggregate, AsOf, Column, Facts, Field, Members, Rows, Rowset, SideTable, ValueType
from .operators import check_of, set_check_of
from .tree import AllOf, AnyOf, Comparison, Condition, Not, Params

_AGGREGATES = {
    Aggregate.COUNT: "COUNT({0})",
    Aggregate.COUNT_DISTINCT: "COUNT(DISTINCT {0})",
    Aggregate.SUM: "CAST(SUM({0}) AS BIGINT)",
    Aggregate.MEAN: "CAST(SUM({0}) AS BIGINT) / COUNT({0})",
    Aggregate.EARLIEST: "MIN({0})",
    Aggregate.LATEST: "MAX({0})",
}


@dataclass(frozen=True, slots=True)
class MemberQuery:
    """The query that returns the ids of the records for which a condition holds, in one column named x_id."""

    sql: str
    params: tuple[Any, ...]

    def ids(self) -> RawSQL:
        """Return it as the right side of `filter(id__in=…)`."""
        return RawSQL(self.sql, self.params, output_field=UUIDField())


def members(condition: Condition, catalogue: Catalogue, as_of: AsOf, *, using: str = "default") -> MemberQuery:
    """Return the query for the records of the catalogue's subject that match; canonical records only."""
    query = _Query(catalogue, as_of, using)
    where, where_params = query.where(condition)
    source, params = query.source()
    return MemberQuery(f"SELECT s.x_id AS x_id FROM {source} WHERE {where}", (*params, *where_params))


def load(
    wanted: Iterable[Comparison], catalogue: Catalogue, as_of: AsOf, *, using: str = "default"
) -> dict[UUID, dict[str, Any]]:
    """Return the records within `as_of.scope` with the values that these comparisons read, by canonical id.

    Two queries for one comparison of a set and one for all others together.
    """
    operands = {one.operand: one for one in wanted}
    query = _Query(catalogue, as_of, using)
    singles = {key: one for key, one in operands.items() if not catalogue[one.field].type.is_set}
    values = {key: query.value(one) for key, one in singles.items()}
    lunar = {key: value.lunar for key, value in values.items() if value.lunar}
    source, params = query.source()
    select = ", ".join(["s.x_id", *(value.sql for value in values.values()), *lunar.values()])
    records: dict[UUID, dict[str, Any]] = {}
    id_field = UUIDField[Any, Any]()
    for row_id, *row in _fetch(f"SELECT {select} FROM {source}", params, using):
        found = {
            key: _python(raw, values[key], catalogue[singles[key].field]) for key, raw in zip(values, row, strict=False)
        }
        for key, is_lunar in zip(lunar, row[len(values) :], strict=True):
            if is_lunar and found[key] is not None:
                found[key] = LunarDay(found[key].year, found[key].month, found[key].day)
        records[_converted(row_id, id_field, query.connection)] = found
    for key, one in operands.items():
        if key not in singles:
            _load_set(key, one, query, records)
    return records


def _load_set(key: str, one: Comparison, query: "_Query", records: dict[UUID, dict[str, Any]]) -> None:
    for record in records.values():
        record[key] = set()
    field = query.catalogue[one.field]
    assert isinstance(field.source, Members)
    union = query.union(field.source.rows, one.params)
    sql = f"SELECT {union.owner}, f.x_value FROM {union.sql}"
    id_field = UUIDField[Any, Any]()
    for owner, raw in _fetch(sql, union.params, query.using):
        found = records.get(_converted(owner, id_field, query.connection))
        value = _converted(raw, union.field, query.connection)
        if found is not None and value not in (None, ""):
            found[key].add(str(value))


@dataclass(frozen=True, slots=True)
class _Union:
    """Facts of several `Rows` with the aliases of merged records: SQL for FROM, and the canonical owner."""

    sql: str
    params: list[Any]
    field: ModelField[Any, Any]
    owner: str = "COALESCE(a.canonical, f.x_owner)"


class _Query:
    """One query being put together: the subject's columns and the derived tables joined to it."""

    def __init__(self, catalogue: Catalogue, as_of: AsOf, using: str) -> None:
        if catalogue.subject.records is None:
            raise LookupError(f"subject {catalogue.subject.code!r} has no table: judge its records in Python")
        self.catalogue = catalogue
        self.as_of = as_of
        self.using = using
        self.connection = connections[using]
        self.records = self._scoped(catalogue.subject.records(as_of), "pk")
        self.columns: dict[str, Any] = {}
        self.joins: dict[Any, _Join] = {}

    def where(self, condition: Condition) -> Sql:
        """Return the WHERE clause of the condition, noting what has to be joined for it."""
        match condition:
            case AllOf(parts):
                return self._joined(parts, " AND ") if parts else ("TRUE", [])
            case AnyOf(parts):
                return self._joined(parts, " OR ")
            case Not(part):
                inner, params = self.where(part)
                return f"(NOT {inner})", params
            case Comparison():
                return self._comparison(condition)

    def source(self) -> Sql:
        """Return what stands after FROM: the subject's records with everything joined."""
        selected = self.records.order_by().values(x_id=F("pk"), **self.columns)
        sql, params = _compile(selected, self.using)
        parts, all_params = [f"({sql}) s"], list(params)
        for join in self.joins.values():
            join_sql, join_params = join.build(self)
            parts.append(f"LEFT JOIN ({join_sql}) {join.alias} ON {join.alias}.x_owner = s.x_id")
            all_params.extend(join_params)
        return " ".join(parts), all_params

    def _lunar(self, column: str) -> str:
        name = f"x_{len(self.columns)}"
        self.columns[name] = F(column)
        return f"s.{name}"

    def value(self, one: Comparison) -> SqlValue:
        """Return a single-valued operand as a column of the query."""
        field = self.catalogue[one.field]
        is_folded = field.type is ValueType.TEXT
        match field.source:
            case Column():
                name = f"x_{len(self.columns)}"
                expression = field.source.expression
                self.columns[name] = F(expression) if isinstance(expression, str) else expression(self.as_of)
                output = self.records.annotate(**{name: self.columns[name]}).query.annotations[name].output_field
                lunar = self._lunar(field.source.lunar) if field.source.lunar else ""
                return SqlValue(f"s.{name}", output, self.connection, is_folded, lunar)
            case SideTable():
                key = (field.source.rows, field.source.owner)
                side = self._join(key, lambda alias: _Side(alias, field.source))
                assert isinstance(side, _Side)
                return SqlValue(*side.column(field.source.column, self), self.connection, is_folded)
            case Facts():
                found = self._measured(field.source, one.params) or self._united(one.operand, field.source, one.params)
                return SqlValue(*found, self.connection, is_folded)
        raise LookupError(f"field {field.code!r} has no source in the database")

    def _measured(self, source: Facts, params: Params) -> tuple[str, ModelField[Any, Any]] | None:
        """Return facts as a value of scans shared with others; None where no scan can gather them."""
        parts = self._scannable(source.rows, params)
        match source.aggregate:
            case _ if parts is None:
                return None
            case Aggregate.COUNT:
                return self._total("COUNT", parts), IntegerField()
            case Aggregate.SUM:
                return self._total("SUM", parts), parts[0].field
            case Aggregate.MEAN:
                return f"{self._total('SUM', parts)} / NULLIF({self._total('COUNT', parts)}, 0)", parts[0].field
            case Aggregate.EARLIEST | Aggregate.LATEST if len(parts) == 1:
                function = "MIN" if source.aggregate is Aggregate.EARLIEST else "MAX"
                return self._column(function, parts[0]), parts[0].field
        return None

    def _total(self, function: str, parts: Sequence[scanning.Source], *more: Sql) -> str:
        """Return the sum, or the number, of the facts of several parts; 0 where there are none."""
        columns = [self._column(function, part, *more) for part in parts]
        return f"({' + '.join(f'COALESCE({column}, 0)' for column in columns)})"

    def _column(self, function: str, part: scanning.Source, *more: Sql) -> str:
        shared = self._join(part.key, lambda alias: _Shared(alias, part))
        assert isinstance(shared, _Shared)
        return f"{shared.alias}.{shared.scan.column(function, part.value, (*part.conditions, *more))}"

    def _scannable(
        self, rows: Callable[[AsOf, Params], Rows | Sequence[Rows]], params: Params
    ) -> list[scanning.Source] | None:
        """Return the parts of a source for scans; None if one of them is no plain scan."""
        found = [scanning.taken_apart(selected, self.using) for selected in self._selected(rows, params)]
        parts = [one for one in found if one is not None]
        return parts if len(parts) == len(found) else None

    def _selected(self, rows: Callable[[AsOf, Params], Rows | Sequence[Rows]], params: Params) -> Iterator[Rowset]:
        """Yield the rows of a source within the scope, as x_owner and x_value."""
        given = rows(self.as_of, params)
        for one in [given] if isinstance(given, Rows) else given:
            value = F(one.value) if isinstance(one.value, str) else one.value
            yield self._scoped(one.queryset, one.owner).order_by().values(x_owner=F(one.owner), x_value=value)

    def _united(self, operand: str, source: Facts, params: Params) -> tuple[str, ModelField[Any, Any]]:
        """Return facts as a value of a query of their own over all their parts together."""
        facts = self._join(operand, lambda alias: _Gathered(alias, source, params))
        assert isinstance(facts, _Gathered)
        sql = f"{facts.alias}.x_value"
        return f"COALESCE({sql}, 0)" if source.aggregate.has_default else sql, facts.output_field(self)

    def union(self, rows: Callable[[AsOf, Params], Rows | Sequence[Rows]], params: Params) -> _Union:
        """Return the facts of a source, within the scope, with the aliases of merged records joined on."""
        parts: list[str] = []
        values: list[Any] = []
        output: ModelField[Any, Any] | None = None
        for selected in self._selected(rows, params):
            output = output or selected.query.annotations["x_value"].output_field
            sql, sql_params = _compile(selected, self.using)
            parts.append(f"SELECT x_owner, x_value FROM ({sql}) p{len(parts)}")
            values.extend(sql_params)
        assert output is not None
        facts = f"({' UNION ALL '.join(parts)}) f"
        aliases = self.aliases()
        if aliases is None:
            return _Union(facts, values, output, "f.x_owner")
        return _Union(f"{facts} LEFT JOIN ({aliases[0]}) a ON a.record = f.x_owner", [*values, *aliases[1]], output)

    def aliases(self) -> Sql | None:
        """Return the query of the records merged into others, within the scope; None if the subject knows none."""
        if self.catalogue.subject.aliases is None:
            return None
        return _compile(self._scoped(self.catalogue.subject.aliases(), "record"), self.using)

    def _comparison(self, one: Comparison) -> Sql:
        field = self.catalogue[one.field]
        if not field.type.is_set:
            return check_of(one, field, self.as_of).sql(self.value(one))
        check = set_check_of(one, field)
        assert isinstance(field.source, Members)
        parts = self._scannable(field.source.rows, one.params)
        if parts is not None:
            return self._has(check, parts)
        key = (one.operand, check.operands, check.needs_all)
        join = self._join(key, lambda alias: _Having(alias, field, one.params, check))
        return f"({join.alias}.x_owner IS {'' if check.is_negated else 'NOT '}NULL)", []

    def _has(self, check: SetCheck, parts: Sequence[scanning.Source]) -> Sql:
        """Ask whether a set has any, or all, of some values, by counting the rows with them."""
        operands = sorted(check.operands or ())
        asked = [[one] for one in operands] if check.needs_all and operands else [operands]
        counts = [
            " + ".join(self._total("COUNT", [part], self._narrowed(part, one)) for part in parts) for one in asked
        ]
        return f"({'NOT ' if check.is_negated else ''}({' AND '.join(f'{count} > 0' for count in counts)}))", []

    def _narrowed(self, part: scanning.Source, operands: Sequence[Any]) -> Sql:
        """Return the condition that a value is one of the operands; without any: that there is a value."""
        sql, params = part.value
        told = _told_apart(sql, part.field, self.connection.vendor)
        if not operands:
            return f"({told} IS NOT NULL)", params
        column = SqlValue(sql, part.field, self.connection)
        marks = ", ".join(["%s"] * len(operands))
        return f"({told} IN ({marks}))", [*params, *(column.param(one) for one in operands)]

    def _joined(self, parts: Sequence[Condition], word: str) -> Sql:
        found = [self.where(part) for part in parts]
        return f"({word.join(sql for sql, _ in found)})", [param for _, params in found for param in params]

    def _join(self, key: Any, make: Callable[[str], "_Join"]) -> "_Join":
        if key not in self.joins:
            self.joins[key] = make(f"j{len(self.joins)}")
        return self.joins[key]

    def _scoped(self, rows: Rowset, owner: str) -> Rowset:
        return rows if self.as_of.scope is None else rows.filter(**{f"{owner}__in": sorted(self.as_of.scope)})


class _Join:
    """A derived table with at most one row per record, its owner in x_owner."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def build(self, query: _Query) -> Sql:
        """Return its SQL."""
        raise NotImplementedError


class _Side(_Join):
    """A side table; collects the columns that several fields ask of it."""

    def __init__(self, alias: str, source: Any) -> None:
        super().__init__(alias)
        self.source: SideTable = source
        self.names: dict[str, str] = {}

    def column(self, name: str, query: _Query) -> tuple[str, ModelField[Any, Any]]:
        alias = self.names.setdefault(name, f"x_{len(self.names)}")
        output = self.source.rows(query.as_of).values(x=F(name)).query.annotations["x"].output_field
        return f"{self.alias}.{alias}", output

    def build(self, query: _Query) -> Sql:
        rows = query._scoped(self.source.rows(query.as_of), self.source.owner).order_by()
        columns = {alias: F(name) for name, alias in self.names.items()}
        return _compile(rows.values(x_owner=F(self.source.owner), **columns), query.using)


class _Shared(_Join):
    """A scan that several fields share."""

    def __init__(self, alias: str, source: scanning.Source) -> None:
        super().__init__(alias)
        self.scan = scanning.Scan(source)

    def build(self, query: _Query) -> Sql:
        return self.scan.sql(query.aliases())


class _Gathered(_Join):
    """Facts gathered into one value per record."""

    def __init__(self, alias: str, source: Any, params: Params) -> None:
        super().__init__(alias)
        self.source: Facts = source
        self.params = params
        self._union: _Union | None = None

    def union(self, query: _Query) -> _Union:
        self._union = self._union or query.union(self.source.rows, self.params)
        return self._union

    def output_field(self, query: _Query) -> ModelField[Any, Any]:
        is_count = self.source.aggregate in (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)
        return IntegerField() if is_count else self.union(query).field

    def build(self, query: _Query) -> Sql:
        union = self.union(query)
        value = "f.x_value"
        if self.source.aggregate is Aggregate.COUNT_DISTINCT:
            value = _distinct(union, query)
        gathered = _AGGREGATES[self.source.aggregate].format(value)
        return (
            f"SELECT {union.owner} AS x_owner, {gathered} AS x_value FROM {union.sql} GROUP BY {union.owner}",
            union.params,
        )


class _Having(_Join):
    """The owners of any, or of all, of some values."""

    def __init__(self, alias: str, field: Field, params: Params, check: SetCheck) -> None:
        super().__init__(alias)
        self.field = field
        self.params = params
        self.check = check

    def build(self, query: _Query) -> Sql:
        assert isinstance(self.field.source, Members)
        union = query.union(self.field.source.rows, self.params)
        value = _distinct(union, query)
        params, having = list(union.params), ""
        where = f"{value} IS NOT NULL"
        if self.check.operands is not None:
            column = SqlValue(value, union.field, query.connection)
            operands = [column.param(one) for one in sorted(self.check.operands)]
            where = f"{value} IN ({', '.join(['%s'] * len(operands))})"
            params += operands
            if self.check.needs_all:
                having = f" HAVING COUNT(DISTINCT {value}) = {len(operands)}"
        return (
            f"SELECT {union.owner} AS x_owner FROM {union.sql} WHERE {where} GROUP BY {union.owner}{having}",
            params,
        )


def _distinct(union: _Union, query: _Query) -> str:
    return _told_apart("f.x_value", union.field, query.connection.vendor)


def _told_apart(value: str, field: ModelField[Any, Any], vendor: str) -> str:
    """Return a fact's value as it is told apart: text folded, empty text as nothing."""
    return f"NULLIF({fold_sql(value, vendor)}, '')" if isinstance(field, CharField | TextField) else value


def _compile(rows: Rowset, using: str) -> Sql:
    sql, params = rows.query.get_compiler(using, elide_empty=False).as_sql()
    return sql, list(params)


def _fetch(sql: str, params: Sequence[Any], using: str) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def _python(raw: Any, value: SqlValue, field: Field) -> Any:
    found = _converted(raw, value.field, value.connection)
    if found in (None, ""):
        return None
    return str(found) if field.type is ValueType.CHOICE else found


def _converted(raw: Any, field: ModelField[Any, Any], connection: Any) -> Any:
    """Return a raw value as the model field would."""
    expression = Value(None, output_field=field)
    for convert in [*connection.ops.get_db_converters(expression), *field.get_db_converters(connection)]:
        raw = convert(raw, expression, connection)
    return raw
