"""What a person sees of a file before its columns are chosen."""

import pytest

from troth.imports import queries, services
from troth.imports.targets import Shape

from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize(
    "header", ["Ticket,Date,Total", "小票,时间,金额", "order id,time,amount", "customer id,store,quantity", "a,b,c"]
)
def test_a_file_whose_columns_are_not_recognised_can_still_be_looked_at(shape, header):
    content = f"{header}\nA1,10:30,12.50\n"
    run = services.receive(actor=ACTOR, now=NOW, file_name="x.csv", content=[content.encode()], shape=shape)
    seen = queries.preview(run)
    assert [[cell.text for cell in row.cells] for row in seen.rows] == [["A1", "10:30", "12.50"]]
