"""The figures on screen, counted again from the orders themselves.

`book` makes a company and keeps its orders as plain rows; `counting` and `models` count every figure anew from those
rows, and import nothing of Troth; `pages` reads what stands on a page. The tests hold the two against each other.
"""
