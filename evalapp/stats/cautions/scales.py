"""Warnings of evalapp.stats.scales, in the words of both readers."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.stats.cautions.explanation import Explanation, sentence

CAUTIONS: Mapping[str, Explanation] = {
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
}
