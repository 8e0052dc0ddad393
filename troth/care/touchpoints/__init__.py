"""Touchpoints 触点 and the journey map: what customers do, ask and feel at each point, and who answers for it."""
