"""Warnings of evalapp.stats.differences, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "small_cohorts_left_out": Explanation(
        sentence("Groups with fewer than %(threshold)s people (%(cohorts)s) are left out of this average."),
        sentence(
            "Cells with fewer than %(threshold)s treated units (cohorts %(cohorts)s) are left out of the "
            "aggregate; see min_treated."
        ),
    ),
    "small_cohorts_kept": Explanation(
        sentence("Every group has fewer than %(threshold)s people; the average is shown, but do not lean on it alone."),
        sentence("Every estimable cell has fewer than %(threshold)s treated units; all are kept lest the aggregate be empty."),
    ),
    "cells_left_out": Explanation(
        sentence("%(cells)s group and period comparisons could not be made and are left out of this average."),
        sentence(
            "%(cells)s post-treatment cells have no estimate and are excluded from the aggregate, which changes the estimand."
        ),
    ),
    "no_never_treated": Explanation(
        sentence("Everyone was trained in the end, so people trained later serve as the comparison until their own training."),
        sentence(
            "No never-treated units: not-yet-treated controls, periods from %(last_period)s dropped, cohort "
            "%(cohort)s only a control."
        ),
    ),
    "last_cohort_as_never_treated": Explanation(
        sentence("Everyone was trained in the end, so the last group trained stands in for people never trained."),
        sentence(
            "No never-treated units: the last cohort (%(cohort)s) serves as never treated, periods from %(last_period)s dropped."
        ),
    ),
    "treated_after_last_period": Explanation(
        sentence("People whose training starts after the last survey (%(cohorts)s) count as not trained."),
        sentence("Cohorts first treated after the last period (%(cohorts)s) are recoded as never treated."),
    ),
    "always_treated_dropped": Explanation(
        sentence("%(units)s people were already trained at the first survey (%(cohorts)s); without a baseline they are left out."),
        sentence("%(units)s units of cohorts without a clean baseline period (%(cohorts)s) are dropped."),
    ),
    "incomplete_units_dropped": Explanation(
        sentence("%(units)s people did not answer in all %(periods)s rounds and are left out."),
        sentence("%(units)s units lack some of the %(periods)s periods and are dropped to balance the panel; see panel_type."),
    ),
    "missing_rows_dropped": Explanation(
        sentence("%(rows)s answers with a gap in what is compared are left out."),
        sentence("%(rows)s rows with a missing outcome, covariate, weight or cluster are dropped before the sample is formed."),
    ),
    "no_comparison": Explanation(
        sentence("There is nobody to compare with in this period, so no number is given."),
        sentence("No treated or no control observations with positive weight in a required period; the cell is not estimable."),
    ),
    "overlap_failed": Explanation(
        sentence("The trained are too unlike everyone else for a fair comparison, so no number is given."),
        sentence("Overlap fails: separation, or an estimated propensity of at least 0.999; the cell has no estimate."),
    ),
    "controls_collinear": Explanation(
        sentence("There are too few people to compare with to adjust for these characteristics, so no number is given."),
        sentence("The design of the outcome regression among controls is singular; the cell has no estimate."),
    ),
    "treated_collinear": Explanation(
        sentence("There are too few trained people to adjust for these characteristics, so no number is given."),
        sentence("The design of the outcome regression among the treated is singular; the cell has no estimate."),
    ),
    "propensity_trimmed": Explanation(
        sentence("%(trimmed)s people who look just like the trained were set aside to keep the comparison stable."),
        sentence("%(trimmed)s controls with an estimated propensity of 0.995 or more get no weight."),
    ),
    "mass_of_zeros": Explanation(
        sentence("%(percent)s%% of the answers are zero: the effect mixes whether people have any with how much they have."),
        sentence(
            "%(zeros)s of %(of)s outcomes are exactly zero: a mean effect mixes the extensive and the intensive margin; show the "
            "share above zero beside it, and for percentages a level ratio, not logs (Chen and Roth 2024)."
        ),
    ),
    "base_period": Explanation(
        sentence("This period is the starting point of the comparison and is zero by definition."),
        sentence("Universal base period: the cell is zero by construction and has no sampling variance."),
    ),
}
