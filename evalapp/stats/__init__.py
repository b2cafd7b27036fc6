"""Arrays and frames in, frozen results out: the estimators of programme evaluation, usable from a notebook on their own.

Loads no web application and no database. Every result carries its cautions; nonsense raises `StatsError` with the mend.
"""

from evalapp.stats.alpha import cronbach_alpha
from evalapp.stats.ancova import ancova
from evalapp.stats.assignment import AssignmentProcedure
from evalapp.stats.attrition import attrition_table
from evalapp.stats.attrition_weights import attrition_weights
from evalapp.stats.bacon import bacon_decomposition
from evalapp.stats.balance import balance_table
from evalapp.stats.components import difficulty_components, item_means
from evalapp.stats.congruence import tucker_congruence
from evalapp.stats.describe import describe
from evalapp.stats.event_study import event_study
from evalapp.stats.group_time import att_gt
from evalapp.stats.honest_did import honest_did
from evalapp.stats.instrumented import instrumented
from evalapp.stats.lee_bounds import lee_bounds
from evalapp.stats.level_ratio import level_ratio
from evalapp.stats.mean_interval import mean_interval
from evalapp.stats.multiple_testing import adjust_pvalues
from evalapp.stats.nested_models import nested_models
from evalapp.stats.outcome_kinds import logged, winsorise
from evalapp.stats.power import minimum_detectable_effect
from evalapp.stats.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.proportion import proportion
from evalapp.stats.randomization_inference import randomization_inference
from evalapp.stats.simulate import simulate_programme
from evalapp.stats.two_by_two import two_by_two
from evalapp.stats.two_way import twfe
from evalapp.stats.warnings import Caution, StatsError
from evalapp.stats.wild_cluster_bootstrap import wild_cluster_bootstrap

__all__ = [
    "AssignmentProcedure",
    "Caution",
    "OutcomeSpec",
    "ProgrammeSpec",
    "StatsError",
    "adjust_pvalues",
    "ancova",
    "att_gt",
    "attrition_table",
    "attrition_weights",
    "bacon_decomposition",
    "balance_table",
    "cronbach_alpha",
    "describe",
    "difficulty_components",
    "event_study",
    "honest_did",
    "instrumented",
    "item_means",
    "lee_bounds",
    "level_ratio",
    "logged",
    "mean_interval",
    "minimum_detectable_effect",
    "nested_models",
    "proportion",
    "randomization_inference",
    "simulate_programme",
    "tucker_congruence",
    "twfe",
    "two_by_two",
    "wild_cluster_bootstrap",
    "winsorise",
]
