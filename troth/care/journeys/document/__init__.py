"""The document that is a journey: its shape, how it is read, how it is said in words."""
