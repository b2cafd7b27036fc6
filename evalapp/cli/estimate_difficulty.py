"""Answer a question about difficulty components on a frame: loadings, reliability, nested models."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalapp.analysis.estimation.rows import records
from evalapp.analysis.run_plan import program_versions
from evalapp.cli.estimate_output import Answer
from evalapp.panel.variables import VARIABLES, derive_variables
from evalapp.stats.scales.components import DifficultyComponents, difficulty_components
from evalapp.stats.scales.nested_models import nested_models

THREE = 3


@dataclass(frozen=True)
class DifficultyQuestion:
    """What is asked: items, anchors of the two components, regressors."""

    items: tuple[str, ...]
    drop: tuple[str, ...] = ()
    components: int = 2
    internal: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    predictors: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    robust: str = "HC3"
    survey_year: int | None = None

    @property
    def columns(self) -> list[str]:
        """Columns the file must have; with a survey year, regressors may be derived instead."""
        regressors = () if self.survey_year else (*self.predictors, *self.controls)
        return [*self.items, *regressors]

    @property
    def anchors(self) -> dict[str, tuple[str, ...]]:
        """Named components and the items that define them."""
        named = {"internal": self.internal, "external": self.external}
        return {name: own for name, own in named.items() if own}

    @property
    def blocks(self) -> list[tuple[str, ...]]:
        """Predictors in blocks: the last of three or more stands alone."""
        if len(self.predictors) >= THREE:
            return [self.predictors[:-1], self.predictors[-1:]]
        return [self.predictors]


def estimate_difficulty(frame: pd.DataFrame, question: DifficultyQuestion) -> Answer:
    """Estimate and return the rows."""
    q = question
    components = difficulty_components(frame, items=q.items, n_components=q.components, drop=q.drop, anchors=q.anchors)
    meta = {name: getattr(q, name) for name in q.__dataclass_fields__}
    answer = Answer(meta={"command": "estimate difficulty", **meta, "n": components.n, "versions": program_versions()})
    _add_components(answer, components)
    if q.predictors:
        data = _with_derived(frame, q)
        for name in map(str, components.scores):
            _add_models(answer, data.assign(**{f"{name} (score)": components.scores[name]}), f"{name} (score)", name, q)
    return answer


def _with_derived(frame: pd.DataFrame, q: DifficultyQuestion) -> pd.DataFrame:
    """Add the instrument's derived variables where a survey year is given and the file does not have them as numbers already."""
    if q.survey_year is None:
        return frame
    names = {name for name in (*q.predictors, *q.controls) if name in VARIABLES}
    coded = frame.assign(survey_year=q.survey_year)
    texts = {
        str(name): coded[name].str.strip().str.lower().str.replace(r"[\s\-~]+", "_", regex=True)
        for name in coded.select_dtypes(["object", "string"])
    }
    derived = derive_variables(coded.assign(**texts))
    kept = [name for name in names if name not in frame or not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.assign(**{name: derived[name] for name in kept})


def _add_components(answer: Answer, components: DifficultyComponents) -> None:
    n = components.n
    for name in components.loadings:
        for item, loading in components.loadings[name].items():
            answer.add(estimand="loading", aggregate=name, term=item, value=loading, n=n)
    for item, row in components.screen.iterrows():
        answer.add(
            estimand="item-rest correlation", aggregate="screen", term=item, value=row["item_rest"], n=n, dropped=row["dropped"]
        )
    for label, table in (("rotated", components.variance_rotated), ("unrotated", components.variance_unrotated)):
        for name, row in table.iterrows():
            answer.add(
                estimand=f"share of variance, {label}", aggregate=f"variance {label}", term=str(name), value=row["proportion"], n=n
            )
    for name, alpha in components.alpha.items():
        answer.add(
            estimand="Cronbach's alpha",
            aggregate="alpha",
            term=name,
            value=alpha.raw,
            conf_low=alpha.conf_low,
            conf_high=alpha.conf_high,
            n=n,
            cautions=alpha.cautions,
        )
    answer.add(estimand="KMO", term="kmo", value=components.kmo.overall, n=n, cautions=components.cautions)
    answer.add(
        estimand="Bartlett", term="bartlett", value=components.bartlett.chi_squared, p_value=components.bartlett.p_value, n=n
    )


def _add_models(answer: Answer, data: pd.DataFrame, outcome: str, name: str, q: DifficultyQuestion) -> None:
    models = nested_models(data, outcome, blocks=q.blocks, controls=q.controls, robust=q.robust)
    for row in records(models.table):
        numbers = {key: row[key] for key in ("std_error", "p_value", "conf_low", "conf_high")}
        answer.add(
            estimand="association",
            aggregate=name,
            model=row["model"],
            term=row["term"],
            value=row["estimate"],
            n=models.n,
            **numbers,
        )
    for fit in records(models.fits):
        answer.add(
            estimand="R-squared",
            aggregate=name,
            model=fit["model"],
            term="r_squared",
            value=fit["r_squared"],
            n=fit["n"],
            cautions=models.cautions,
        )
