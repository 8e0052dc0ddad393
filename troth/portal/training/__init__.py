"""Where invited customers take a seat in a training."""
