"""The company's look for public pages: its logo and its colour."""
