"""Writing messages. Import as one thing: `from troth.messaging import services as messaging`."""

from .gates import Gate, register_gate
from .intents import Candidate, Decision, Intent, Outcome, Result, Verdict
from .policies import Cap, Hours, Terms
from .policy_versions import save_policy
from .sending import decide, send
from .suppressions import lift_suppression, suppress

__all__ = [
    "Candidate",
    "Cap",
    "Decision",
    "Gate",
    "Hours",
    "Intent",
    "Outcome",
    "Result",
    "Terms",
    "Verdict",
    "decide",
    "lift_suppression",
    "register_gate",
    "save_policy",
    "send",
    "suppress",
]
