"""What was estimated, how, on which assumptions and from which sources."""

from __future__ import annotations

from evalapp.core.language import Message
from evalapp.reports.content import Block, Listing, Paragraph, Section
from evalapp.reports.labels import AGGREGATES
from evalapp.reports.source import Source

ADJUSTMENTS = {
    "dr": Message("doubly robust adjustment: a model of who is trained and a model of the outcome, of which one must hold"),
    "ipw": Message("weighting by the probability of being trained"),
    "reg": Message("a regression model of the outcome"),
}
COMPARISONS = {
    "never_treated": Message("people who are never trained"),
    "not_yet_treated": Message("people who are not trained yet, and those who never are"),
}
INFERENCE = {
    "small_sample": Message(
        "Margins of error are made for small groups: variances unbiased within each training group and Satterthwaite's degrees of "
        "freedom. A group with one trained person gets no interval."
    ),
    "classical": Message("Margins of error are the classical ones from influence functions with the normal distribution."),
}
BASES = {
    "universal": Message("All effects are measured from the last wave before the training."),
    "varying": Message("Effects before the training are measured from wave to wave, those after it from the last wave before."),
}
SIMPLER = {
    "two_by_two": Message(
        "The two-by-two estimate compares the change from the first wave to the later ones between those trained and the others."
    ),
    "twfe": Message(
        "Two-way fixed effects: least squares with an effect for every unit and every wave. Where people are trained at different "
        "times, it also compares later groups with those already trained and can mislead."
    ),
}
SOURCES = {
    "callaway_santanna": (
        (
            "Callaway, B. and Sant'Anna, P. H. C. (2021). Difference-in-Differences with Multiple Time Periods. Journal of "
            "Econometrics 225(2), 200–230."
        ),
        (
            "Sant'Anna, P. H. C. and Zhao, J. (2020). Doubly Robust Difference-in-Differences Estimators. Journal of Econometrics "
            "219(1), 101–122."
        ),
    ),
    "twfe": (
        (
            "Goodman-Bacon, A. (2021). Difference-in-Differences with Variation in Treatment Timing. Journal of Econometrics 225(2), "
            "254–277."
        ),
    ),
    "attrition_effects": (
        (
            "Lee, D. S. (2009). Training, Wages, and Sample Selection: Estimating Sharp Bounds on Treatment Effects. Review of "
            "Economic Studies 76(3), 1071–1102."
        ),
        (
            "Wooldridge, J. M. (2007). Inverse Probability Weighted Estimation for General Missing Data Problems. Journal of "
            "Econometrics 141(2), 1281–1301."
        ),
    ),
    "components": (
        "Kaiser, H. F. (1958). The Varimax Criterion for Analytic Rotation in Factor Analysis. Psychometrika 23(3), 187–200.",
        (
            "Feldt, L. S. (1965). The Approximate Sampling Distribution of Kuder-Richardson Reliability Coefficient Twenty. "
            "Psychometrika 30(3), 357–370."
        ),
    ),
    "component_models": (
        (
            "MacKinnon, J. G. and White, H. (1985). Some Heteroskedasticity-Consistent Covariance Matrix Estimators with Improved "
            "Finite Sample Properties. Journal of Econometrics 29(3), 305–325."
        ),
    ),
    "indicators": (
        (
            "Wilson, E. B. (1927). Probable Inference, the Law of Succession, and Statistical Inference. Journal of the American "
            "Statistical Association 22(158), 209–212."
        ),
    ),
    "characteristics": (
        (
            "Imbens, G. W. and Rubin, D. B. (2015). Causal Inference for Statistics, Social, and Biomedical Sciences. Cambridge "
            "University Press."
        ),
    ),
}


def methods_section(source: Source) -> Section:
    """Describe only what this run did."""
    blocks: list[Block] = []
    models = source.rows.distinct("model", "effects")
    if "callaway_santanna" in models:
        blocks += _main_estimator(source)
    blocks += [Paragraph(SIMPLER[model].within(source.language)) for model in models if model in SIMPLER]
    if source.rows.family("components"):
        blocks += _components(source)
    blocks += [Paragraph(source.say("Sources"), "heading"), Listing(_sources(source, models))]
    return Section("methods", source.say("Methods"), tuple(blocks))


def _main_estimator(source: Source) -> list[Block]:
    plan = source.run.plan["estimator"]
    covariates = ", ".join(source.variable(c) for c in plan.get("covariates", ()))
    estimated = source.say(
        "What was estimated: for each group trained at the same time and each wave, the average effect of the training on those "
        "trained (ATT), by Callaway and Sant'Anna's method. The headline is the %(aggregate)s. Compared with: %(comparison)s. "
        "Adjustment: %(adjustment)s.",
        aggregate=AGGREGATES[source.run.plan.get("headline", "simple")],
        comparison=COMPARISONS[plan.get("control_group", "never_treated")],
        adjustment=ADJUSTMENTS[plan.get("method", "dr")],
    )
    adjusted = (
        source.say("Adjusted for: %(covariates)s.", covariates=covariates)
        if covariates
        else source.say("Nothing is adjusted for beyond the person and the wave.")
    )
    base = BASES[plan.get("base_period", "universal")].within(source.language)
    inference = INFERENCE[plan.get("inference", "small_sample")].within(source.language)
    assumption = source.say(
        "What must hold: without the training, the trained and those compared with them would have changed alike (parallel "
        "trends); nobody changed in expectation of the training more than %(anticipation)s waves ahead; and one person's training "
        "does not act on another.",
        anticipation=plan.get("anticipation", 0),
    )
    return [Paragraph(estimated), Paragraph(f"{adjusted} {base}"), Paragraph(inference), Paragraph(assumption)]


def _components(source: Source) -> list[Block]:
    anchors = source.run.plan.get("difficulty", {}).get("anchors", {})
    named = "; ".join(
        source.say(
            "%(component)s: %(items)s",
            component=source.variable(f"{name}_difficulty"),
            items=", ".join(map(source.variable, items)),
        )
        for name, items in anchors.items()
    )
    text = source.say(
        "Components: principal components of the correlations of complete cases, two kept, varimax with Kaiser's normalisation. "
        "Each is named by its anchor items (%(anchors)s) and turned so that higher means more difficult. Later waves are scored "
        "with the means, deviations and weights of the reference wave.",
        anchors=named,
    )
    return [Paragraph(text)]


def _sources(source: Source, models: tuple[str, ...]) -> tuple[str, ...]:
    used = [*models, *(family for family in SOURCES if source.rows.family(family))]
    return tuple(text for word in dict.fromkeys(used) for text in SOURCES.get(word, ()))
