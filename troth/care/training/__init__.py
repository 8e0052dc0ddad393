"""Training 培训: courses, sessions, seats and who came."""
