"""Warnings of evalapp.stats.experiments, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "not_estimated": Explanation(
        sentence("This number could not be worked out from the data."),
        sentence("Not estimated: %(reason)s"),
    ),
    "imbalance": Explanation(
        sentence("The groups differed before the training in %(variable)s."),
        sentence(
            "Normalised difference of %(variable)s is %(difference).2f (beyond 0.25, regression adjustment is "
            "sensitive to its form)."
        ),
    ),
    "no_variation": Explanation(
        sentence("Answers about %(variable)s do not differ within the groups, so there is nothing to test."),
        sentence("%(variable)s has no residual variance within arms (and strata); no standard error or test."),
    ),
    "too_few_answers": Explanation(
        sentence("Too few people in one group answered %(variable)s to compare the groups."),
        sentence("%(variable)s: an arm has fewer than two answers or clusters (%(smallest)s); no standard error or test."),
    ),
    "joint_test_impossible": Explanation(
        sentence("The groups could not be compared on all characteristics at once."),
        sentence("No joint F: %(reason)s"),
    ),
    "missing_indicator": Explanation(
        sentence("%(rows)s of %(of)s people did not tell us %(variable)s before the training; they are kept and marked."),
        sentence("%(variable)s is missing in %(rows)s of %(of)s rows: filled with its mean and flagged by an indicator."),
    ),
    "one_armed_strata": Explanation(
        sentence("%(rows)s people have nobody of the other group in their stratum and add nothing to the comparison."),
        sentence("%(strata)s strata (%(rows)s rows) hold one arm only and do not identify the effect."),
    ),
    "weak_instrument": Explanation(
        sentence("Being offered the training changed attendance too little to say what attending did; read the offer's effect."),
        sentence("First-stage F is %(f).1f, below %(threshold)s: read the Anderson-Rubin set, not the two-stage interval."),
    ),
    "assigned_came_less": Explanation(
        sentence("People offered the training came less often than the others; check who was recorded as assigned."),
        sentence("The first stage is negative (%(difference).1f percentage points): monotonicity with this sign is implausible."),
    ),
    "full_compliance": Explanation(
        sentence("Everyone came exactly when offered, so the effect of the offer is the effect of coming."),
        sentence("Assignment determines attendance: the first stage has no variance and TOT is ITT per unit of attendance."),
    ),
    "only_large_effects": Explanation(
        sentence("With these numbers only a very large effect would show; no effect found would not mean no effect."),
        sentence("Minimum detectable effect %(effect).2f SD, beyond %(threshold).1f: underpowered for effects usual in training."),
    ),
    "log_of_zeros": Explanation(
        sentence("%(zeros)s of %(of)s answers are zero, so differences of these numbers cannot be read as percentages."),
        sentence("%(kind)s of %(zeros)s zeros among %(of)s values: effects depend on the unit (Chen and Roth 2024); use a ratio."),
    ),
}
