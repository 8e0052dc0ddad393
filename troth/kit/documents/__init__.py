"""Documents that people write, in YAML or JSON: read with places, held to a shape, each wrong named with a way out."""
