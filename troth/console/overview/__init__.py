"""The first screen: how the customers are doing, what changed, and where to go next."""
