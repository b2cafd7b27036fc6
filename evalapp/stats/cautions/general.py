"""Warnings that several themes give."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "one_person_carries": Explanation(
        sentence("Without one single person the effect would point the other way; do not lean on it."),
        sentence("Leave-one-out turns the sign: %(estimate)s with everyone, %(without)s without one unit."),
    ),
    "many_outcomes": Explanation(
        sentence("Looking at %(outcomes)s outcomes, one of them may differ by chance alone; the q-values allow for that."),
        sentence("Family of %(outcomes)s outcomes; sharpened q-values (Anderson 2008) stand beside the p-values."),
    ),
    "no_answers": Explanation(
        sentence("No approved answer gives this number, so nothing can be said about it."),
        sentence("No approved answer gives %(variable)s; nothing to estimate."),
    ),
    "nobody_trained": Explanation(
        sentence("Nobody was trained between the first and the last survey, so no effect can be told."),
        sentence("No unit is first treated within the rounds observed, or there is one round only: no effect is identified."),
    ),
    "few_treated": Explanation(
        sentence("Only %(treated)s people stand behind this number, too few to lean on it alone."),
        sentence("Treated cell of %(treated)s units (threshold %(threshold)s); flagged and left out of headline aggregates."),
    ),
    "single_treated": Explanation(
        sentence("One person stands behind this number, so no margin of error can be given."),
        sentence("A treated cell of one unit has no within-cohort variance; no standard error or interval."),
    ),
    "single_control": Explanation(
        sentence("Only one person is there to compare with, so no margin of error can be given."),
        sentence("A comparison group of one unit has no within-group variance; no standard error or interval."),
    ),
    "pretest_unavailable": Explanation(
        sentence("Whether the groups moved alike before the training cannot be checked with these data."),
        sentence("No Wald pre-test: too few degrees of freedom for the covariance of %(cells)s estimable pre-treatment cells."),
    ),
    "pretrend_rejected": Explanation(
        sentence("The groups were already drifting apart before the training, so the comparison may mislead."),
        sentence("The joint pre-test rejects zero pre-treatment effects (p = %(p_value)s); parallel trends is doubtful."),
    ),
    "contrast_does_not_vary": Explanation(
        sentence("The answers compared do not vary, so no margin of error can be given."),
        sentence("The contrast has zero estimated variance; no standard error or interval."),
    ),
    "few_assigned_clusters": Explanation(
        sentence("Only %(clusters)s groups were assigned, so margins of error are approximate."),
        sentence(
            "%(clusters)s clusters (fewer than 50): cluster-robust asymptotics are doubtful; small-sample or "
            "wild bootstrap advised."
        ),
    ),
    "very_few_assigned_clusters": Explanation(
        sentence("Only %(clusters)s groups were assigned, too few for a trustworthy margin of error."),
        sentence(
            "%(clusters)s clusters (fewer than 12): show a restricted wild cluster bootstrap or randomisation inference beside."
        ),
    ),
    "incomplete_cases": Explanation(
        sentence("%(used)s of %(rows)s people answered everything this needs; the others are left out."),
        sentence("Listwise deletion: %(used)s complete cases of %(rows)s rows."),
    ),
    "single_observation": Explanation(
        sentence("Only one person answered %(variable)s (%(group)s), so no spread can be given."),
        sentence("%(variable)s (%(group)s): one observation, no standard deviation."),
    ),
    "no_observation": Explanation(
        sentence("Nobody answered %(variable)s (%(group)s), so nothing can be said about it."),
        sentence("%(variable)s (%(group)s): every value is missing; no statistics."),
    ),
    "group_missing": Explanation(
        sentence("%(rows)s people have no %(by)s on record and are in none of the groups."),
        sentence("%(rows)s rows with a missing %(by)s are outside every group."),
    ),
    "incomplete_rows": Explanation(
        sentence("%(rows)s of %(of)s answers could not be used because something in them was missing."),
        sentence("%(rows)s of %(of)s rows have a missing value in a column used and are left out (complete cases)."),
    ),
    "zero_weight": Explanation(
        sentence("%(rows)s of %(of)s answers have no weight and are left out."),
        sentence("%(rows)s of %(of)s rows have weight zero and are left out, as if not observed."),
    ),
    "exact_fit": Explanation(
        sentence(
            "The figures follow the model exactly, which real answers do not; check %(outcome)s. No margin of error is given."
        ),
        sentence("Residuals of %(outcome)s are zero to rounding; no standard error is reported."),
    ),
    "few_clusters": Explanation(
        sentence("Only %(clusters)s separate groups stand behind the margin of error, so it is itself uncertain."),
        sentence(
            "%(clusters)s clusters (threshold %(threshold)s): CR1 over-rejects; rely on CR2 with Satterthwaite degrees "
            "of freedom or a wild cluster bootstrap."
        ),
    ),
    "few_treated_clusters": Explanation(
        sentence("Only %(treated)s of %(clusters)s groups were trained, so the margin of error is itself uncertain."),
        sentence(
            "%(treated)s treated of %(clusters)s clusters: CR1 over-rejects whatever the total; CR2 with "
            "Satterthwaite degrees of freedom is used where it can be."
        ),
    ),
    "single_treated_cluster": Explanation(
        sentence("Only one group was trained, so no margin of error can be given."),
        sentence(
            "One treated cluster of %(clusters)s: its noise cannot be told from the effect; no standard error for the treatment."
        ),
    ),
    "single_control_cluster": Explanation(
        sentence("Only one group was not trained, so no margin of error can be given."),
        sentence("One control cluster of %(clusters)s: its noise cannot be told from the effect; no standard error."),
    ),
    "pretest_underpowered": Explanation(
        sentence("The groups looked alike before the training, but so few data could not have shown a drift that matters."),
        sentence(
            "The pre-test finds a linear drift only from %(slope).3g per period (80 %% power), which would bias the effects by "
            "%(bias).3g on average, more than the estimate (%(effect).3g)."
        ),
    ),
}
