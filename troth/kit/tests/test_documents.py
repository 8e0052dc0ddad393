"""Documents of any kind: read with places, held to a shape, refused as the kind that they are not."""

from decimal import Decimal

import pytest
from pydantic import BaseModel, ConfigDict

from troth.kit.documents.errors import DocumentError, Problem
from troth.kit.documents.shaping import schema_of, shaped
from troth.kit.documents.source import MAX_DEPTH, MAX_PARTS, parse


class MenuError(DocumentError):
    """No menu."""

    code = "menu_invalid"
    first_key = "menu"


class Dish(BaseModel):
    """One dish."""

    model_config = ConfigDict(extra="forbid")
    name: str
    price: Decimal = Decimal(0)


class Menu(BaseModel):
    """Some dishes."""

    menu: str
    dishes: tuple[Dish, ...] = ()


def read(text):
    return shaped(parse(text, MenuError), Menu, MenuError)


def refused(text) -> list[Problem]:
    with pytest.raises(MenuError) as caught:
        read(text)
    assert (caught.value.code, caught.value.status) == ("menu_invalid", 422)
    return list(caught.value.problems)


def test_what_is_right_is_read_exactly():
    assert read("menu: noon\ndishes:\n  - {name: on, price: 12.10}") == Menu(
        menu="noon", dishes=(Dish(name="on", price=Decimal("12.10")),)
    )


@pytest.mark.parametrize(
    ("text", "line", "path", "code"),
    [
        ("", 1, "", "empty"),
        ("- a", 1, "", "not_a_menu"),
        ("menu: [", 1, "", "not_yaml"),
        ("menu: a\nmenu: b", 2, "menu", "key_twice"),
        ("menu: &a x\ndishes: *a", 2, "", "alias"),
        ("menu: noon\ndishes:\n  - name: tea\n    prize: 2", 4, "dishes[0].prize", "extra_forbidden"),
        ("menu: noon\ndishes:\n  - {price: 2}", 3, "dishes[0].name", "missing"),
    ],
)
def test_each_wrong_has_its_place(text, line, path, code):
    (problem,) = refused(text)
    assert (problem.line, problem.path, problem.code) == (line, path, code)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["{" * 600, "[" * 600, "- " * 600 + "x", "menu: " + "{a: " * 600, "? " * 600])
def test_what_is_nested_deep_is_refused_before_all_of_it_is_read(text):
    assert [one.code for one in refused(text)] == ["too_deep"]


def test_levels_are_counted_exactly():
    lists = "[" * (MAX_DEPTH - 2) + "{}" + "]" * (MAX_DEPTH - 2)
    assert parse(f"menu: {lists}", MenuError).value["menu"]
    assert [one.code for one in refused(f"menu: [{lists}]")] == ["too_deep"]


@pytest.mark.slow
def test_more_parts_than_anybody_writes_are_refused_before_they_are_read():
    (problem,) = refused("menu: [" + "x," * MAX_PARTS + "x]")
    assert (problem.line, problem.code) == (1, "too_many_parts")


@pytest.mark.parametrize("text", ["", "just words"])
def test_the_way_out_names_what_this_kind_begins_with(text):
    assert "“menu:”" in refused(text)[0].message


def test_editors_get_a_schema():
    assert schema_of(Menu)["properties"]["menu"] == {"title": "Menu", "type": "string"}
