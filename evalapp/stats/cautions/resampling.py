"""Warnings of evalapp.stats.resampling, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
    "signs_enumerated": Explanation(
        sentence("Every way of drawing the %(clusters)s groups was tried, so this margin of error involves no chance draws."),
        sentence("Wild cluster bootstrap over all %(combinations)s sign combinations of %(clusters)s clusters; no sampling error."),
    ),
    "bootstrap_too_few_clusters": Explanation(
        sentence("Only %(clusters)s separate groups stand behind this comparison, too few for any margin of error to be trusted."),
        sentence(
            "%(clusters)s clusters (fewer than %(threshold)s): the wild cluster bootstrap rejects too often, whatever its weights."
        ),
    ),
    "bootstrap_few_treated_clusters": Explanation(
        sentence("Only %(treated)s of %(clusters)s groups were trained or only %(untreated)s were not; lean on no verdict here."),
        sentence(
            "%(treated)s treated and %(untreated)s untreated clusters: the restricted wild bootstrap may hardly ever reject, "
            "the unrestricted one far too often (MacKinnon & Webb 2017)."
        ),
    ),
    "bootstrap_p_between": Explanation(
        sentence("So few redrawn results are possible that the p-value is only known to lie between %(low)s and %(high)s."),
        sentence(
            "Bootstrap p-value %(low)s counting strictly larger draws, %(high)s counting ties and the data themselves too. Both are "
            "approximate; the larger is the cautious choice."
        ),
    ),
    "interval_unbounded": Explanation(
        sentence("These data cannot limit the effect on one side or on both, so the margin of error has no end there."),
        sentence("Test inversion rejects no effect on one side or both: the confidence set is unbounded."),
    ),
    "sharp_null": Explanation(
        sentence("The test asks whether the training changed %(outcome)s by exactly %(null)s for each and every person."),
        sentence("Fisher's sharp null: every unit's effect on %(outcome)s is %(null)s; the interval supposes a constant effect."),
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
        sentence("In %(count)s of %(draws)s redrawn assignments there was nobody to compare; they are counted against an effect."),
        sentence("%(count)s of %(draws)s assignments have no statistic and count as at least as extreme (conservative)."),
    ),
    "untested_hypotheses": Explanation(
        sentence("%(names)s have no p-value and are not part of the correction for many outcomes."),
        sentence("Hypotheses without a p-value (%(names)s) are left out of the family, which shrinks it."),
    ),
}
