"""Journeys: the list, the editor, what happens in them, rehearsals."""
