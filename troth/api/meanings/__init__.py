"""What the fields and the problems of the API mean: lists for translators, imported by nothing."""
