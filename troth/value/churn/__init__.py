"""Who is about to leave: a model learned from what customers did, held against the plain ways of telling."""

from troth.value.churn.choice import CONSTANT, MODEL, ChurnFit, fit_churn
from troth.value.churn.drift import SHIFTED_FROM, WATCH_FROM, population_stability
from troth.value.churn.measuring import calibration, measures
from troth.value.churn.rows import BASELINES, THEMES, ChurnRows, churn_rows
from troth.value.churn.traces import Trace

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
