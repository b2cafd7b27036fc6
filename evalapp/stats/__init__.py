"""Arrays and frames in, frozen results out: the estimators of programme evaluation, usable from a notebook on their own.

Loads no web application and no database. Every result carries its cautions; nonsense raises `StatsError` with the mend.
"""

from evalapp.stats.alpha import cronbach_alpha
from evalapp.stats.attrition import attrition_table
from evalapp.stats.bacon import bacon_decomposition
from evalapp.stats.balance import balance_table
from evalapp.stats.components import difficulty_components, item_means
from evalapp.stats.congruence import tucker_congruence
from evalapp.stats.describe import describe
from evalapp.stats.group_time import att_gt
from evalapp.stats.mean_interval import mean_interval
from evalapp.stats.nested_models import nested_models
from evalapp.stats.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.proportion import proportion
from evalapp.stats.simulate import simulate_programme
from evalapp.stats.two_by_two import two_by_two
from evalapp.stats.two_way import twfe
from evalapp.stats.warnings import Caution, StatsError

__all__ = [
    "Caution",
    "OutcomeSpec",
    "ProgrammeSpec",
    "StatsError",
    "att_gt",
    "attrition_table",
    "bacon_decomposition",
    "balance_table",
    "cronbach_alpha",
    "describe",
    "difficulty_components",
    "item_means",
    "mean_interval",
    "nested_models",
    "proportion",
    "simulate_programme",
    "tucker_congruence",
    "twfe",
    "two_by_two",
]
