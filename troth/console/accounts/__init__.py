"""Sign-in: django-allauth in the console's look, and the link that lets somebody in once."""
