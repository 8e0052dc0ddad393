"""Which pages and questions an answer sheet goes through, by the answers given so far. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from troth.kit.conditions.evaluating import holds
from troth.kit.conditions.fields import AsOf
from troth.kit.conditions.reading import read

from . import fields
from .shapes import ConditionJson, Page, Question, SurveyDocument

# No field of a survey is a day or an amount: what day it is and which currency decide nothing.
_AS_OF = AsOf(datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1), "UTC", "CNY")


class Route:
    """The way through a document for one sheet. given: its answers; known: values of `sheet.*` fields."""

    def __init__(self, document: SurveyDocument, given: Iterable[Any], known: Mapping[str, Any]) -> None:
        self.document = document
        self._catalogue = fields.catalogue(document)
        self._record = fields.record(document, given, known)

    def pages(self) -> list[Page]:
        """Return the pages that are shown and have something to ask or to say."""
        return [page for page in self.document.pages if self._shows(page.show_if) and self.questions(page)]

    def questions(self, page: Page) -> list[Question]:
        """Return the questions of a page that are shown."""
        return [one for one in page.questions if self._shows(one.show_if)]

    def shown_codes(self) -> set[str]:
        """Return the codes of all questions on the way."""
        return {one.code for page in self.pages() for one in self.questions(page)}

    def after(self, code: str) -> Page | None:
        """Return the next page on the way, None behind the last one."""
        order = [page.code for page in self.document.pages]
        place = order.index(code) if code in order else -1
        return next((page for page in self.pages() if order.index(page.code) > place), None)

    def before(self, code: str) -> Page | None:
        """Return the page before on the way, None at the first one."""
        order = [page.code for page in self.document.pages]
        earlier = [page for page in self.pages() if order.index(page.code) < order.index(code)]
        return earlier[-1] if earlier else None

    def _shows(self, condition: ConditionJson | None) -> bool:
        if condition is None:
            return True
        return holds(read(condition, self._catalogue, is_stored=True), self._record, self._catalogue, _AS_OF)
