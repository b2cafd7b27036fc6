"""What the words in result rows are called in a report."""

from __future__ import annotations

from evalapp.core.language import Message
from evalapp.panel.variables import VARIABLES

SCORES = {
    "internal_difficulty": Message("Internal difficulty"),
    "external_difficulty": Message("External difficulty"),
}
SUBGROUPS = {
    "all": Message("Everyone"),
    "treatment": Message("Training group"),
    "waitlist": Message("Waiting-list group"),
    "comparison": Message("Comparison group"),
}
FLOW_STEPS = {
    "registered": Message("Registered"),
    "no_consent": Message("Left out: no consent to the survey"),
    "no_cohort": Message("Left out: in no cohort"),
    "assigned": Message("In a cohort or comparison group"),
    "started": Message("Began the training"),
    "completed": Message("Completed the training"),
    "analysed": Message("Answered every wave on the main outcome"),
}
WAVE_STEPS = {
    "wave_answered": Message("%(wave)s: answered and approved"),
    "wave_rejected": Message("%(wave)s: answers rejected at review"),
    "wave_missing": Message("%(wave)s: no answer"),
}
ESTIMANDS = {
    "ATT": Message("average effect on those trained (ATT)"),
    "TWFE coefficient": Message("two-way fixed effects coefficient"),
}
MODELS = {
    "callaway_santanna": Message("Callaway and Sant'Anna"),
    "two_by_two": Message("Two-by-two difference-in-differences"),
    "twfe": Message("Two-way fixed effects"),
}
AGGREGATES = {
    "simple": Message("average over all cohorts and waves after training"),
    "group": Message("average over cohorts"),
    "dynamic": Message("average over times since training"),
    "calendar": Message("average over waves"),
}
CONSTANT = Message("Constant")


def variable_label(name: str, language: str) -> str:
    """Name a variable, a difficulty item (with or without its prefix) or a difficulty score; an unknown one keeps its own name."""
    if name == "constant":
        return CONSTANT.within(language)
    if name in SCORES:
        return SCORES[name].within(language)
    variable = VARIABLES.get(name) or VARIABLES.get(f"difficulty_{name}")
    return Message(variable.label).within(language) if variable else name
