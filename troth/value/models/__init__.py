"""Models of how customers buy, stay and spend: maximum likelihood on sufficient statistics, with intervals.

    from troth.value import models

    buying = models.BetaGeoModel().fit(frame, unit="weeks")     # frequency, recency, T
    spend = models.fit_spend(frame).model                        # frequency, monetary_value
    buying.probability_alive(frame)
    models.lifetime_value(buying, spend, frame, months=12, annual_discount=0.10, margin=0.3)

*Frequency* counts repeats, *recency* is the age at the last purchase, *T* the age at the end of observation.
No figure that goes out is ever NaN; what cannot be computed is refused, naming column and row.
"""

from troth.value.models.base import Model, NotFitted
from troth.value.models.beta_geo import BetaGeoModel, ModifiedBetaGeoModel
from troth.value.models.beta_geo_beta_binom import BetaGeoBetaBinomModel
from troth.value.models.bootstrap import Bootstrap
from troth.value.models.buying import BuyingModel
from troth.value.models.conditional import conditional_expectation
from troth.value.models.covariates import BetaGeoCovariatesModel, CovariateModel, ParetoNBDCovariatesModel
from troth.value.models.cox import CoxModel
from troth.value.models.fitting import FitReport, NotConverged
from troth.value.models.gamma_gamma import (
    ChosenSpend,
    GammaGammaModel,
    Independence,
    NoMeanSpend,
    RobustSpendModel,
    Spending,
    SpendModel,
    fit_spend,
    independence,
    spending,
)
from troth.value.models.groups import GroupFits, fit_by
from troth.value.models.histories import GroupedHistories, Histories, grouped, histories, histories_of
from troth.value.models.lifetime import lifetime_value, month_days
from troth.value.models.pareto_nbd import ParetoNBDModel
from troth.value.models.shifted_beta_geo import ShiftedBetaGeoModel
from troth.value.models.survival import LogRank, SurvivalCurve, log_rank, survival_curve
from troth.value.models.tournament import FAMILY, NAIVE, Best, averaged, fit_best
from troth.value.models.tracking import tracking

__all__ = [
    "FAMILY",
    "NAIVE",
    "Best",
    "BetaGeoBetaBinomModel",
    "BetaGeoCovariatesModel",
    "BetaGeoModel",
    "Bootstrap",
    "BuyingModel",
    "ChosenSpend",
    "CovariateModel",
    "CoxModel",
    "FitReport",
    "GammaGammaModel",
    "GroupFits",
    "GroupedHistories",
    "Histories",
    "Independence",
    "LogRank",
    "Model",
    "ModifiedBetaGeoModel",
    "NoMeanSpend",
    "NotConverged",
    "NotFitted",
    "ParetoNBDCovariatesModel",
    "ParetoNBDModel",
    "RobustSpendModel",
    "ShiftedBetaGeoModel",
    "SpendModel",
    "Spending",
    "SurvivalCurve",
    "averaged",
    "conditional_expectation",
    "fit_best",
    "fit_by",
    "fit_spend",
    "grouped",
    "histories",
    "histories_of",
    "independence",
    "lifetime_value",
    "log_rank",
    "month_days",
    "spending",
    "survival_curve",
    "tracking",
]
