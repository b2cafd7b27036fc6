"""Answer questions about two arms on a frame: were they alike before the training, and did they answer alike after it."""

from __future__ import annotations

import pandas as pd

from evalapp.analysis.estimation.rows import records
from evalapp.analysis.run_plan import program_versions
from evalapp.cli.estimate_output import Answer
from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.experiments.balance import balance_table

INFERENCE = ("std_error", "conf_low", "conf_high", "p_value")


def estimate_balance(
    frame: pd.DataFrame, *, variables: tuple[str, ...], treatment: str, cluster: str | None, strata: str | None, level: float
) -> Answer:
    """Return a row for each variable's difference and normalised difference, and one for the joint test."""
    found = balance_table(frame, variables, treatment, cluster, strata, level=level)
    asked = {"variables": variables, "treatment": treatment, "cluster": cluster, "strata": strata, "level": level}
    answer = Answer(meta={"command": "estimate balance", **asked, "n": found.n, "versions": program_versions()})
    for row in records(found.table):
        own = [caution for caution in found.cautions if caution.facts.get("variable") == row["variable"]]
        words = {"term": row["variable"], "n": row["n_treated"] + row["n_control"], "clusters": found.clusters}
        means = {name: row[name] for name in ("mean_treated", "sd_treated", "mean_control", "sd_control", "missing")}
        numbers = {name: row[name] for name in INFERENCE}
        answer.add(estimand="difference", value=row["difference"], cautions=own, **numbers, **means, **words)
        answer.add(estimand="normalised difference", aggregate="normalised", value=row["normalised_difference"], **words)
    general = [caution for caution in found.cautions if "variable" not in caution.facts]
    joint = found.joint
    if joint is None:
        answer.add(estimand="joint F", aggregate="joint", n=found.n, clusters=found.clusters, cautions=general)
    else:
        tested = {"p_value": joint.p_value, "df": joint.df_num, "df_residual": joint.df_den}
        answer.add(estimand="joint F", aggregate="joint", value=joint.statistic, n=joint.n, cautions=general, **tested)
    return answer


def estimate_attrition(
    frame: pd.DataFrame, *, unit: str, wave: str, arm: str, answered: str, due: str | None, reference: str | None, level: float
) -> Answer:
    """Return a row for each wave's and arm's response, and one for each difference from the reference arm."""
    chosen = next((value for value in frame[arm].dropna().unique() if str(value) == reference), reference)
    found = attrition_table(frame, unit, wave, arm, answered, due=due, reference=chosen, level=level)
    asked = {"unit": unit, "wave": wave, "arm": arm, "answered": answered, "due": due, "reference": reference, "level": level}
    answer = Answer(meta={"command": "estimate attrition", **asked, "versions": program_versions()})
    for row in records(found.table):
        interval = {"conf_low": row["conf_low"], "conf_high": row["conf_high"]}
        where = {"time": str(row["wave"]), "term": str(row["arm"]), "n": row["due"]}
        answer.add(estimand="response share", value=row["share"], answered=row["answered"], **interval, **where)
    for row in records(found.tests):
        own = [caution for caution in found.cautions if caution.facts.get("wave") == row["wave"]]
        where = {"time": str(row["wave"]), "term": f"{row['arm']} - {row['reference']}", "n": row["n"]}
        numbers = {name: row[name] for name in ("conf_low", "conf_high", "p_value")}
        answer.add(estimand="difference in response", value=row["difference"], cautions=own, **numbers, **where)
    return answer
