"""Stores with numbers come in the order of the numbers."""

import pytest

from troth.staff import queries
from troth.staff.models import Store


@pytest.mark.django_db
def test_stores_are_in_the_order_of_their_numbers():
    names = ["Store 1027", "Store 1039", "Store 105", "Store 9", "Airport", "Zoo", "12号店", "3号店", "Store 105"]
    for at, name in enumerate(names):
        Store.objects.create(code=f"s{at}", name=name)
    found = [store.name for store in queries.stores()]
    numbered = [name for name in found if name.startswith("Store")]
    assert numbered == ["Store 9", "Store 105", "Store 105", "Store 1027", "Store 1039"]
    assert found.index("3号店") + 1 == found.index("12号店")
    assert found.index("Airport") < found.index("Store 9") < found.index("Zoo")
    assert [store.code for store in queries.stores() if store.name == "Store 105"] == ["s2", "s8"]
    assert [store.name for store in queries.stores_with_people()] == found
