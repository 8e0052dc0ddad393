"""Who is about to leave: a model learned from what customers did, held against the plain ways of telling."""

from typing import TYPE_CHECKING

from troth.value.later import looked_up

__all__ = [
    "BASELINES",
    "CONSTANT",
    "MODEL",
    "SHIFTED_FROM",
    "THEMES",
    "WATCH_FROM",
    "ChurnFit",
    "ChurnRows",
    "Trace",
    "calibration",
    "churn_rows",
    "fit_churn",
    "measures",
    "population_stability",
]

if TYPE_CHECKING:
    from troth.value.churn.choice import CONSTANT, MODEL, ChurnFit, fit_churn
    from troth.value.churn.drift import SHIFTED_FROM, WATCH_FROM, population_stability
    from troth.value.churn.measuring import calibration, measures
    from troth.value.churn.rows import BASELINES, THEMES, ChurnRows, churn_rows
    from troth.value.churn.traces import Trace
else:
    __getattr__ = looked_up(
        __name__,
        {
            "choice": ("CONSTANT", "MODEL", "ChurnFit", "fit_churn"),
            "drift": ("SHIFTED_FROM", "WATCH_FROM", "population_stability"),
            "measuring": ("calibration", "measures"),
            "rows": ("BASELINES", "THEMES", "ChurnRows", "churn_rows"),
            "traces": ("Trace",),
        },
    )
