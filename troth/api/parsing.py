"""Reading a request's body: JSON in which every name stands once."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from troth.kit.errors import TrothError


class NameRepeatedError(TrothError):
    """An object of the body holds one name twice: which of the values was meant cannot be told."""

    code = "name_repeated"
    status = 400

    def __init__(self, name: str) -> None:
        text = _("An object of the body holds “%(name)s” more than once; give it once.")
        super().__init__(text % {"name": name}, field=name)


class StrictParser(Parser):
    """ninja's parser, which refuses what JSON readers do not agree on."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body.

        Raises:
            NameRepeatedError: an object holds one name twice.
        """
        found = json.loads(request.body, object_pairs_hook=_object)
        request.parsed_body = found  # type: ignore[attr-defined]  # as ApiRequest states
        return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _value in pairs:
            if name in seen:
                raise NameRepeatedError(name.encode("utf-8", "replace").decode()[:60])
            seen.add(name)
    return found
