"""Journeys: documents that say who enters, what happens to them and when; and the engine that carries them out."""
