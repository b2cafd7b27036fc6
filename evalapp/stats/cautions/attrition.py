"""Warnings of evalapp.stats.attrition, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
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
        sentence("Arm %(arm)s: fitted response probability of zero for %(people)s units (quasi-separation); overlap fails there."),
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
    "nobody_due": Explanation(
        sentence("Nobody in %(arm)s was due in wave %(wave)s, so the groups cannot be compared there."),
        sentence("Arm %(arm)s has no unit due in wave %(wave)s; share, difference and test are undefined."),
    ),
    "nobody_missing": Explanation(
        sentence("Everyone who answered at the start answered here too, so no missing answer can change this number."),
        sentence("No attrition between the first wave and this one: neither bounds nor weights are needed."),
    ),
    "few_answers": Explanation(
        sentence("Fewer than %(threshold)s people of one group answered, too few to say what the missing answers could change."),
        sentence("An arm has fewer than %(threshold)s responses: neither trimmed means nor a response model are given."),
    ),
}
