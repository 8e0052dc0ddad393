"""Tasks: whose they are, how they went, what to say, whom to call again."""
