"""Segments on the desk: the list, the editor with its live count, members, versions."""
