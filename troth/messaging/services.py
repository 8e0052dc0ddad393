"""Writing messages. Import as one thing: `from troth.messaging import services as messaging`."""

from .confirming import Asked, ask_to_confirm, choose, refuse_unconfirmed
from .control_costs import register as register_control_cost
from .control_draws import kept_out
from .control_results import measure as measure_control
from .control_trials import measure as measure_draws
from .gates import Gate, register_gate
from .intents import Candidate, Decision, Intent, Outcome, Result, Verdict
from .models import SuppressionReason
from .pausing import pause_all, release
from .policies import Cap, Hours, Terms
from .policy_versions import save_policy
from .sending import decide, send
from .settling import call_back, settle
from .suppressions import lift_suppression, suppress

__all__ = [
    "Asked",
    "Candidate",
    "Cap",
    "Decision",
    "Gate",
    "Hours",
    "Intent",
    "Outcome",
    "Result",
    "SuppressionReason",
    "Terms",
    "Verdict",
    "ask_to_confirm",
    "call_back",
    "choose",
    "decide",
    "kept_out",
    "lift_suppression",
    "measure_control",
    "measure_draws",
    "pause_all",
    "refuse_unconfirmed",
    "register_control_cost",
    "register_gate",
    "release",
    "save_policy",
    "send",
    "settle",
    "suppress",
]
