"""The company's settings."""
