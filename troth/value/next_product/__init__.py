"""The next product of each customer: item-to-item and ALS against the popular, tried on the last weeks."""

from troth.value.next_product.baskets import purchases_of
from troth.value.next_product.choice import NextProducts, next_products
from troth.value.next_product.contestants import Method

__all__ = ["Method", "NextProducts", "next_products", "purchases_of"]
