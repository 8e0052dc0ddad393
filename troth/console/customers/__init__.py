"""Customers: the list, one customer whole, suspected duplicates."""
