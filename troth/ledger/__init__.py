"""Points and cashback: accounts, lots, entries, and one door through which they move."""
