"""What a result has to say about itself, in words.

A `Caution` is a code with the facts behind it. It travels beside the number it concerns, through every table, chart and page.
`CAUTIONS` holds two English sentences a code: one for a programme officer, one for an econometrician. Both are message ids of the
application's catalogues, so that this package needs no translation machinery of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def sentence(text: str) -> str:
    """Mark a text for the translation catalogue and return it unchanged."""
    return text


@dataclass(frozen=True)
class Explanation:
    """The two sentences of a code, each a %-format over the caution's facts."""

    officer: str
    econometrician: str


CAUTIONS: Mapping[str, Explanation] = MappingProxyType(
    {
        "not_estimated": Explanation(
            sentence("This number could not be worked out from the data."),
            sentence("Not estimated: %(reason)s"),
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
                "No never-treated units: the last cohort (%(cohort)s) serves as never treated, periods from "
                "%(last_period)s dropped."
            ),
        ),
        "treated_after_last_period": Explanation(
            sentence("People whose training starts after the last survey (%(cohorts)s) count as not trained."),
            sentence("Cohorts first treated after the last period (%(cohorts)s) are recoded as never treated."),
        ),
        "always_treated_dropped": Explanation(
            sentence(
                "%(units)s people were already trained at the first survey (%(cohorts)s); without a baseline they are left out."
            ),
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
        "base_period": Explanation(
            sentence("This period is the starting point of the comparison and is zero by definition."),
            sentence("Universal base period: the cell is zero by construction and has no sampling variance."),
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
        "few_rows_per_item": Explanation(
            sentence("%(rows)s people are few for a summary of %(items)s questions; another group could group them differently."),
            sentence("%(rows)s complete cases for %(items)s items, fewer than five per item: loadings are unstable."),
        ),
        "kmo_low": Explanation(
            sentence("These questions share little, so summarising them by a few scores loses much of what was said."),
            sentence("Kaiser-Meyer-Olkin measure %(kmo).2f, below 0.5: the items' partial correlations are too large to extract."),
        ),
        "too_many_components": Explanation(
            sentence("The answers support %(retained)s distinct scores rather than %(extracted)s; read the weaker ones with care."),
            sentence("Parallel analysis (95th percentile) retains %(retained)s components; %(extracted)s were extracted."),
        ),
        "anchor_elsewhere": Explanation(
            sentence("The question %(item)s was meant for the score %(anchored)s, but people answered it more like %(component)s."),
            sentence("Anchor %(item)s of %(anchored)s has its largest absolute loading on %(component)s."),
        ),
        "rotation_not_converged": Explanation(
            sentence("The scores could not be told apart cleanly; another computer could give slightly different ones."),
            sentence("Varimax stopped after %(limit)s iterations before its stopping rule was met."),
        ),
        "reversed_items": Explanation(
            sentence("Some questions run against the others (%(items)s); check whether a high answer means the opposite there."),
            sentence("%(items)s load negatively on the first component: alpha %(alpha).3f as keyed, %(rekeyed).3f reversed."),
        ),
        "two_item_scale": Explanation(
            sentence("Only two questions form this score, so neither can be left out to see what it adds."),
            sentence("Alpha if dropped is not defined for the two items %(items)s."),
        ),
        "single_item_component": Explanation(
            sentence("One question alone forms the score %(component)s, so its reliability cannot be judged."),
            sentence("Component %(component)s has fewer than two items; no alpha."),
        ),
        "screen_undefined": Explanation(
            sentence("Everyone gave the same answer, or none, to %(items)s, so it cannot be compared with the other questions."),
            sentence("No variance in %(items)s among the screen's complete cases; no item-rest correlation or communality."),
        ),
        "constant_term": Explanation(
            sentence("%(term)s is the same for everybody, so it can explain no difference; it is left out."),
            sentence("Regressor %(term)s is constant among the complete cases and left out of every model."),
        ),
        "collinear_term": Explanation(
            sentence("In model %(model)s, %(term)s says nothing that %(others)s does not already say; it is left out."),
            sentence("Model %(model)s: %(term)s is an exact linear combination of %(others)s and left out."),
        ),
        "high_leverage": Explanation(
            sentence("In model %(model)s the result leans heavily on %(rows)s unusual people; look at it without them."),
            sentence("Model %(model)s: %(rows)s rows with leverage above 0.5 (largest %(largest).2f)."),
        ),
        "exact_coefficient": Explanation(
            sentence("In model %(model)s the people behind %(term)s all gave the same answer, so no margin of error can be given."),
            sentence("Model %(model)s: only rows with zero residual determine %(term)s; its robust standard error is not defined."),
        ),
        "joint_test_undefined": Explanation(
            sentence("Model %(model)s asks too much of too few people to say whether its %(slopes)s predictors matter together."),
            sentence("Model %(model)s: the robust covariance of its %(slopes)s slopes is singular; no joint F test."),
        ),
        "few_residual_df": Explanation(
            sentence("Model %(model)s asks almost as many questions as there are people; do not lean on it."),
            sentence("Model %(model)s has only %(df)s residual degrees of freedom."),
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
        "seen_once": Explanation(
            sentence("%(rows)s of %(of)s answers come from people seen only once, who show no change; they are left out."),
            sentence(
                "%(rows)s of %(of)s rows are singletons of a fixed effect; dropped, as they would only inflate N and "
                "the degrees of freedom."
            ),
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
                "One treated cluster of %(clusters)s: its noise cannot be told from the effect; no standard error "
                "for the treatment."
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
                "%(units)s of %(of)s units lack a period or an outcome and are dropped: the decomposition holds for "
                "balanced panels."
            ),
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
            sentence("No joint F: %(reason)s."),
        ),
        "differential_attrition": Explanation(
            sentence(
                "In wave %(wave)s, %(arm)s answered %(share).0f %% and %(reference)s %(reference_share).0f %%: those "
                "who answered may no longer be alike."
            ),
            sentence(
                "Differential response in wave %(wave)s, %(arm)s against %(reference)s: %(difference).1f percentage "
                "points, p = %(p_value).3f; weight or bound."
            ),
        ),
        "nobody_due": Explanation(
            sentence("Nobody in %(arm)s was due in wave %(wave)s, so the groups cannot be compared there."),
            sentence("Arm %(arm)s has no unit due in wave %(wave)s; share, difference and test are undefined."),
        ),
    }
)


@dataclass(frozen=True)
class Caution:
    """One warning: its `code` (a key of `CAUTIONS`) and the facts its sentences quote (counts, shares, names of variables)."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CAUTIONS:
            raise KeyError(f"unknown caution {self.code!r}")

    @property
    def officer(self) -> str:
        """The English sentence for a programme officer."""
        return CAUTIONS[self.code].officer % self.facts

    @property
    def econometrician(self) -> str:
        """The English sentence for an econometrician."""
        return CAUTIONS[self.code].econometrician % self.facts

    def __str__(self) -> str:
        return self.econometrician


class StatsError(ValueError):
    """Data or arguments from which no number can be made. The message names the column, the fault and the mend."""
