"""Background work: what runs, how far it is, how it ended."""
