"""People who sign in, what their roles allow, stores and who works there."""
