"""Files in: upload, name the columns, try, start, watch, read the report."""
