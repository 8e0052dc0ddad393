"""Counting what became of steps, in slices so that workers do not wait for each other."""

import random
from collections import Counter
from uuid import UUID

from django.db import connection

from troth.care.models import JourneyTally

SLICES = 16
ENTRY, LEFT, GOAL = "<entry>", "<left>", "<goal>"
"""Steps of tallies that are no steps: how entries went, why people left, who reached the goal."""


class Tallies:
    """What one transaction counted; written at its end, in a fixed order."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[UUID, str, str]] = Counter()

    def add(self, version_id: UUID, step: str, outcome: str, number: int = 1) -> None:
        """Count."""
        self._counts[version_id, step, outcome] += number

    def write(self) -> None:
        """Add the counts to those stored, in one slice taken by chance."""
        place = random.randrange(SLICES)  # noqa: S311  no secret
        table = JourneyTally._meta.db_table
        key = JourneyTally._meta.get_field("version").target_field
        statement = (
            f'INSERT INTO "{table}" (version_id, step, outcome, slice_number, count) VALUES (%s, %s, %s, %s, %s)'  # noqa: S608  own names
            " ON CONFLICT (version_id, step, outcome, slice_number)"
            f' DO UPDATE SET count = "{table}".count + EXCLUDED.count'
        )
        values = [
            (key.get_db_prep_value(version_id, connection), step, outcome, place, number)
            for (version_id, step, outcome), number in sorted(self._counts.items(), key=lambda item: str(item[0]))
        ]
        if values:
            with connection.cursor() as cursor:
                cursor.executemany(statement, values)
        self._counts.clear()
