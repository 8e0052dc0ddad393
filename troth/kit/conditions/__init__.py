"""The one condition language: typed trees over a catalogue of fields, judged in Python or compiled to one SQL query."""
