"""One name in the API's document is one thing: of two classes of one name the document would keep the last."""

from collections import defaultdict
from enum import Enum
from typing import get_args

import pytest
from pydantic import BaseModel, WithJsonSchema

from troth.api.fields import Request, Response
from troth.api.v1 import api


def _within(annotation):
    if isinstance(annotation, type) and issubclass(annotation, Enum | BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _within(part)


def _below(model):
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


def _is_said_in_its_place(field):
    return any(isinstance(one, WithJsonSchema) for one in field.metadata)


@pytest.mark.slow
def test_no_two_shapes_or_enumerations_share_a_name():
    assert api.get_openapi_schema(path_prefix="/api/v1/")  # every resource is loaded
    found = defaultdict(set)
    for model in {*_below(Request), *_below(Response)}:
        found[model.__name__].add(model)
        named = [field for field in model.model_fields.values() if not _is_said_in_its_place(field)]
        for field in named:
            for one in _within(field.annotation):
                found[one.__name__].add(one)
    shared = {name: sorted(one.__module__ for one in classes) for name, classes in found.items() if len(classes) > 1}
    assert {name: where for name, where in shared.items() if any("tests" not in module for module in where)} == {}
    assert len(found) > 200
