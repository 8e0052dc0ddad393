"""The report that is forwarded: one file with sentences, pictures and tables, readable without Troth or a network."""
