"""Warnings of evalapp.stats.fixed_effects, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "seen_once": Explanation(
        sentence("%(rows)s of %(of)s answers come from people seen only once, who show no change; they are left out."),
        sentence(
            "%(rows)s of %(of)s rows are singletons of a fixed effect; dropped, as they would only inflate N and "
            "the degrees of freedom."
        ),
    ),
    "forbidden_comparisons": Explanation(
        sentence(
            "The simple estimate leans on comparisons with people already trained (%(share).0f %% of its "
            "weight); read the cohort-by-cohort estimate."
        ),
        sentence(
            "%(share).1f %% of the two-way estimate's weight compares with already treated groups; "
            "%(estimate)s with them, %(clean)s without."
        ),
    ),
    "incomplete_units": Explanation(
        sentence("%(units)s of %(of)s people did not answer every time and are not in this comparison."),
        sentence(
            "%(units)s of %(of)s units lack a period or an outcome and are dropped: the decomposition holds for balanced panels."
        ),
    ),
    "event_not_identified": Explanation(
        sentence("The effect %(event)s rounds from the start of training could not be worked out from the data."),
        sentence("Event time %(event)s is collinear with the fixed effects; no estimate."),
    ),
    "contaminated_event_times": Explanation(
        sentence("This simple picture mixes the effects of different rounds and groups; read the other one first."),
        sentence(
            "Dynamic two-way fixed effects over %(cohorts)s cohorts: leads and lags are contaminated by other event times "
            "unless effects are equal across cohorts (Sun and Abraham 2021)."
        ),
    ),
    "binned_ends": Explanation(
        sentence("The first and last points stand for everything before and after them (%(lowest)s to %(highest)s)."),
        sentence(
            "Event times from %(lowest)s to %(first)s share one coefficient, and so do those from %(last)s to %(highest)s: "
            "effects are taken as constant there."
        ),
    ),
    "not_imputable": Explanation(
        sentence("%(rows)s answers after training have nothing untrained to compare with and are left out."),
        sentence("%(rows)s treated observations lack an untreated observation of their unit or period; not imputed."),
    ),
    "few_clusters_conservative": Explanation(
        sentence("Only %(clusters)s separate groups stand behind the margin of error, so it may be too narrow."),
        sentence(
            "%(clusters)s clusters (threshold %(threshold)s): the imputation variance has no small-sample correction; "
            "show att_gt beside it."
        ),
    ),
}
