"""Service requests, trainings and the journey map."""
