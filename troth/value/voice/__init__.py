"""What answers say: scores with intervals, weights for the silent, drivers, needs, themes. Frames in, figures out."""
