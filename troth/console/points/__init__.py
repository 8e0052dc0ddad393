"""Points: what a customer has and why, and the ledger as a whole: currencies, what ends when, what waits, its proof."""
