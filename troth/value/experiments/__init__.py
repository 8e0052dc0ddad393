"""Control groups: who gets what, how many it takes, and what was earned more than without.

from troth.value import experiments

arm = experiments.arm_of("customer 4711", experiment="spring-mail", shares={"control": 1, "mail": 9})
people = experiments.people_needed_for_rate(rate=0.10, difference=0.01)
found = experiments.compare(frame, outcome="spend", before="spend_before")
frame = experiments.observed(facts, drawn, days=30, as_of=day)  # who was drawn when, with what they did since
whom = experiments.uplift(frame, outcome="spend", features=["spend_before", "channel"], cost=0.10)
"""

from troth.value.experiments.assignment import arm_of, is_share_as_planned
from troth.value.experiments.comparing import Comparison, Doubt, Effect, compare, compare_ratio
from troth.value.experiments.observing import BEFORE, OUTCOMES, observed
from troth.value.experiments.planning import detectable, people_needed, people_needed_for_rate
from troth.value.experiments.qini import Qini, qini
from troth.value.experiments.resampling import Interval
from troth.value.experiments.sequential import always_valid
from troth.value.experiments.uplift import FEWEST_PEOPLE, Uplift, Verdict, uplift

__all__ = [
    "BEFORE",
    "FEWEST_PEOPLE",
    "OUTCOMES",
    "Comparison",
    "Doubt",
    "Effect",
    "Interval",
    "Qini",
    "Uplift",
    "Verdict",
    "always_valid",
    "arm_of",
    "compare",
    "compare_ratio",
    "detectable",
    "is_share_as_planned",
    "observed",
    "people_needed",
    "people_needed_for_rate",
    "qini",
    "uplift",
]
