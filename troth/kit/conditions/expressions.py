"""Django expressions that give the same answer on SQLite and PostgreSQL, for fields to be made of."""

from typing import Any

from django.db.models import CharField, Func, IntegerField


class Folded(Func):
    """A text column with A–Z made small, as `checks.fold` does it."""

    function = "LOWER"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER(%(expressions)s COLLATE "C")', **extra)


class DayNumber(Func):
    """A day column as year × 10000 + month × 100 + day."""

    arity = 1
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(REPLACE(%(expressions)s, '-', '') AS INTEGER)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "CAST(TO_CHAR(%(expressions)s, 'YYYYMMDD') AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra)


class MonthText(Func):
    """A day column as "2026-03"."""

    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 7)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="TO_CHAR(%(expressions)s, 'YYYY-MM')", **extra)
