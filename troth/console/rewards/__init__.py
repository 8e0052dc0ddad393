"""Rewards: the catalogue, its stock and prices, redemptions and their way to the member."""
