"""Arrays and frames in, frozen results out: the estimators of programme evaluation, usable from a notebook on their own.

Loads no web application and no database. Every result carries its cautions; nonsense raises `StatsError` with the mend.
"""

from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.attrition.attrition_weights import attrition_weights
from evalapp.stats.attrition.lee_bounds import lee_bounds
from evalapp.stats.describe import describe
from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.differences.two_by_two import two_by_two
from evalapp.stats.experiments.ancova import ancova
from evalapp.stats.experiments.assignment import AssignmentProcedure
from evalapp.stats.experiments.balance import balance_table
from evalapp.stats.experiments.instrumented import instrumented
from evalapp.stats.experiments.level_ratio import level_ratio
from evalapp.stats.experiments.outcome_kinds import logged, winsorise
from evalapp.stats.experiments.power import minimum_detectable_effect
from evalapp.stats.fixed_effects.bacon import bacon_decomposition
from evalapp.stats.fixed_effects.event_study import event_study
from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.mean_interval import mean_interval
from evalapp.stats.proportion import proportion
from evalapp.stats.resampling.multiple_testing import adjust_pvalues
from evalapp.stats.resampling.randomization_inference import randomization_inference
from evalapp.stats.resampling.wild_cluster_bootstrap import wild_cluster_bootstrap
from evalapp.stats.scales.alpha import cronbach_alpha
from evalapp.stats.scales.components import difficulty_components, item_means
from evalapp.stats.scales.congruence import tucker_congruence
from evalapp.stats.scales.nested_models import nested_models
from evalapp.stats.sensitivity.honest_did import honest_did
from evalapp.stats.simulation.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.simulation.simulate import simulate_programme
from evalapp.stats.warnings import Caution, StatsError

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
