"""Sign-in: django-allauth in the console's look, and the one-time link by which a demonstration is entered."""
