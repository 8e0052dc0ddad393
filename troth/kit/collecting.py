"""Python's search for garbage in cycles, made rarer for processes that serve or work for long."""

import gc

THRESHOLDS = (50_000, 20, 50)
"""Objects made before the youngest are looked through (Python: 700), and how often that before the older ones."""


def collect_less() -> None:
    """Leave out what was loaded so far, which stays for good, and look through the rest less often.

    A batch of orders makes a million objects and hardly a cycle: looking for them took a fifth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
