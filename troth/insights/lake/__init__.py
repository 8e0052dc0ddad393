"""The lake: a folder of Parquet files that holds the facts in a form analytics can read fast."""
