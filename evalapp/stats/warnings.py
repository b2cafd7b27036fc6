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
            sentence("Distinct scores that the answers support: %(retained)s, not %(extracted)s; read the weaker ones with care."),
            sentence("Components retained by parallel analysis (95th percentile): %(retained)s; extracted: %(extracted)s."),
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
        "zero_weight": Explanation(
            sentence("%(rows)s of %(of)s answers have no weight and are left out."),
            sentence("%(rows)s of %(of)s rows have weight zero and are left out, as if not observed."),
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
        "signs_enumerated": Explanation(
            sentence("Every way of drawing the %(clusters)s groups was tried, so this margin of error involves no chance draws."),
            sentence(
                "Wild cluster bootstrap over all %(combinations)s sign combinations of %(clusters)s clusters; no sampling error."
            ),
        ),
        "bootstrap_too_few_clusters": Explanation(
            sentence(
                "Only %(clusters)s separate groups stand behind this comparison, too few for any margin of error to be trusted."
            ),
            sentence(
                "%(clusters)s clusters (fewer than %(threshold)s): the wild cluster bootstrap rejects too often, whatever its weights."
            ),
        ),
        "bootstrap_few_treated_clusters": Explanation(
            sentence(
                "Only %(treated)s of %(clusters)s groups were trained or only %(untreated)s were not; lean on no verdict here."
            ),
            sentence(
                "%(treated)s treated and %(untreated)s untreated clusters: the restricted wild bootstrap may hardly ever reject, "
                "the unrestricted one far too often (MacKinnon & Webb 2017)."
            ),
        ),
        "bootstrap_p_between": Explanation(
            sentence("So few redrawn results are possible that the p-value is only known to lie between %(low)s and %(high)s."),
            sentence(
                "Bootstrap p-value %(low)s without and %(high)s with ties and the data themselves; the latter is the valid one."
            ),
        ),
        "interval_unbounded": Explanation(
            sentence("These data cannot limit the effect on one side or on both, so the margin of error has no end there."),
            sentence("Test inversion rejects no effect on one side or both: the confidence set is unbounded."),
        ),
        "sharp_null": Explanation(
            sentence("The test asks whether the training changed %(outcome)s by exactly %(null)s for each and every person."),
            sentence(
                "Fisher's sharp null: every unit's effect on %(outcome)s is %(null)s; the interval supposes a constant effect."
            ),
        ),
        "assignments_enumerated": Explanation(
            sentence("Every one of the %(assignments)s ways the draw could have gone was tried."),
            sentence("Exact randomisation distribution over all %(assignments)s assignments of the procedure."),
        ),
        "too_few_assignments": Explanation(
            sentence("The draw had only %(assignments)s possible outcomes, too few to tell chance from an effect."),
            sentence("%(assignments)s possible assignments: no p-value of the two-sided test can reach %(alpha)s."),
        ),
        "undefined_assignments": Explanation(
            sentence(
                "In %(count)s of %(draws)s redrawn assignments there was nobody to compare; they are counted against an effect."
            ),
            sentence("%(count)s of %(draws)s assignments have no statistic and count as at least as extreme (conservative)."),
        ),
        "untested_hypotheses": Explanation(
            sentence("%(names)s have no p-value and are not part of the correction for many outcomes."),
            sentence("Hypotheses without a p-value (%(names)s) are left out of the family, which shrinks it."),
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
        "missing_indicator": Explanation(
            sentence("%(rows)s of %(of)s people did not tell us %(variable)s before the training; they are kept and marked."),
            sentence("%(variable)s is missing in %(rows)s of %(of)s rows: filled with its mean and flagged by an indicator."),
        ),
        "one_armed_strata": Explanation(
            sentence("%(rows)s people have nobody of the other group in their stratum and add nothing to the comparison."),
            sentence("%(strata)s strata (%(rows)s rows) hold one arm only and do not identify the effect."),
        ),
        "single_control_cluster": Explanation(
            sentence("Only one group was not trained, so no margin of error can be given."),
            sentence("One control cluster of %(clusters)s: its noise cannot be told from the effect; no standard error."),
        ),
        "weak_instrument": Explanation(
            sentence(
                "Being offered the training changed attendance too little to say what attending did; read the offer's effect."
            ),
            sentence("First-stage F is %(f).1f, below %(threshold)s: read the Anderson-Rubin set, not the two-stage interval."),
        ),
        "assigned_came_less": Explanation(
            sentence("People offered the training came less often than the others; check who was recorded as assigned."),
            sentence(
                "The first stage is negative (%(difference).1f percentage points): monotonicity with this sign is implausible."
            ),
        ),
        "full_compliance": Explanation(
            sentence("Everyone came exactly when offered, so the effect of the offer is the effect of coming."),
            sentence("Assignment determines attendance: the first stage has no variance and TOT is ITT per unit of attendance."),
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
        "pretest_underpowered": Explanation(
            sentence("The groups looked alike before the training, but so few data could not have shown a drift that matters."),
            sentence(
                "The pre-test finds a linear drift only from %(slope).3g per period (80 %% power), which would bias the effects by "
                "%(bias).3g on average, more than the estimate (%(effect).3g)."
            ),
        ),
        "equal_response": Explanation(
            sentence("Both groups answered equally often, so nothing is set aside and the two limits are the same number."),
            sentence("Response rates are equal: the bounds collapse to the difference in means; their standard errors lean wide."),
        ),
        "response_direction_differs": Explanation(
            sentence("Among some people the trained answered more often, among others less often; read the limits with care."),
            sentence(
                "The arm that responds more differs between cells (%(reversed)s of %(cells)s against the rest): monotonicity holds "
                "at best within cells, and trimming on noise widens the bounds."
            ),
        ),
        "monotonicity_implausible": Explanation(
            sentence("Training seems to keep some people answering and to put others off, so these limits may miss the truth."),
            sentence(
                "Response differs significantly in opposite directions between cells (p = %(p_value).3f after Holm): uniform "
                "monotonicity is rejected; the bounds rest on monotonicity within cells."
            ),
        ),
        "cells_merged": Explanation(
            sentence("%(people)s people of rare kinds were put into one group, since too few of a kind answered."),
            sentence("%(cells)s cells with fewer than %(threshold)s answers in an arm (%(people)s units) are merged into one."),
        ),
        "heavy_trimming": Explanation(
            sentence("Answers differ so much between the groups that %(share).0f %% of one group's had to be set aside."),
            sentence("The trimmed share is %(share).0f %% (beyond %(threshold).0f %%): the bounds are wide and rest on few units."),
        ),
        "everyone_answered": Explanation(
            sentence("Everyone in %(arm)s answered, so nobody there needs to stand for others."),
            sentence("No attrition in arm %(arm)s: every weight is one."),
        ),
        "nobody_alike_answered": Explanation(
            sentence("In %(arm)s nobody like %(people)s of those who did not answer did, so no weight can stand for them."),
            sentence(
                "Arm %(arm)s: fitted response probability of zero for %(people)s units (quasi-separation); overlap fails there."
            ),
        ),
        "extreme_weights": Explanation(
            sentence("In %(arm)s a few people stand for many who did not answer; the result leans on them."),
            sentence(
                "Arm %(arm)s: %(effective).0f effective of %(answered)s answers, smallest fitted probability %(smallest).3f; "
                "overlap is poor."
            ),
        ),
        "weights_capped": Explanation(
            sentence("In %(arm)s the weight of %(capped)s people was limited, so that no one counts too much."),
            sentence("Arm %(arm)s: %(capped)s weights truncated at the cap, trading bias for variance."),
        ),
        "few_dropouts": Explanation(
            sentence("In %(arm)s too few people did not answer to say who they are; treat the weights as a rough check."),
            sentence("Arm %(arm)s: %(events)s events for %(covariates)s covariates in the response logit, fewer than five each."),
        ),
        "only_large_effects": Explanation(
            sentence("With these numbers only a very large effect would show; no effect found would not mean no effect."),
            sentence(
                "Minimum detectable effect %(effect).2f SD, beyond %(threshold).1f: underpowered for effects usual in training."
            ),
        ),
        "log_of_zeros": Explanation(
            sentence("%(zeros)s of %(of)s answers are zero, so differences of these numbers cannot be read as percentages."),
            sentence(
                "%(kind)s of %(zeros)s zeros among %(of)s values: effects depend on the unit (Chen and Roth 2024); use a ratio."
            ),
        ),
        "honest_normal_reference": Explanation(
            sentence("So few groups stand behind this check that its margins are too narrow."),
            sentence(
                "Honest intervals take the covariance as known; with %(df).1f degrees of freedom they cover less than they say."
            ),
        ),
        "honest_nothing_to_break": Explanation(
            sentence("Even if the groups would have moved alike without the training, no effect can be told from zero."),
            sentence("The interval holds zero under the strictest restriction already; the breakdown value is zero."),
        ),
        "honest_never_breaks": Explanation(
            sentence(
                "The conclusion stands however differently the groups may have moved, which is too good to be true; check the data."
            ),
            sentence("No bound makes the interval hold zero: the pre-treatment estimates leave the restriction no slack."),
        ),
        "honest_open_interval": Explanation(
            sentence("Once the groups may move this differently, the data say nothing about the size of the effect."),
            sentence("The test accepts effects without end at some bound; the interval is open."),
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
