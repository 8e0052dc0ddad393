"""The one condition language: trees over a catalogue of fields, judged in Python or by one SQL query."""
