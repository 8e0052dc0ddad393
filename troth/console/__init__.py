"""The console: what people at a desk see. It translates and shows; it decides nothing."""
