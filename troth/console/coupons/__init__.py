"""Coupon campaigns: made, started, handed out; one code looked up and used by hand."""
