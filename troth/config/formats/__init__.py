"""How days and times are written in texts and templates, language by language; Django's own where none is given."""
