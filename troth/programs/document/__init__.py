"""The document that is a programme: its shape, how it is read, how it is said in words."""
