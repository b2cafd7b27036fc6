"""Who took part: the flow of people, their characteristics by arm, and who answered when."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalapp.analysis.estimation.rows import ResultSheet, records
from evalapp.analysis.plans.plan import Plan
from evalapp.panel.build_panel import Panel
from evalapp.panel.variables import VARIABLES
from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.describe import describe
from evalapp.stats.experiments.balance import balance_table

TREATMENT = "treatment"


def describe_participants(sheet: ResultSheet, panel: Panel, plan: Plan) -> None:
    """Write the families `flow`, `characteristics` and `attrition`."""
    _write_flow(sheet, panel, plan)
    people = panel.frame.loc[(panel.frame["round"] == panel.frame["round"].min()) & (panel.frame["state"] == "approved")]
    variables = [name for name in plan.characteristics if name in people]
    if variables:
        _write_characteristics(sheet, people, variables)
    if panel.frame["arm"].nunique() > 1:
        _write_attrition(sheet, panel.frame)


def _write_flow(sheet: ResultSheet, panel: Panel, plan: Plan) -> None:
    def count(term: str, people: int, subgroup: str = "all") -> None:
        sheet.add("flow", "count", people, estimand="count", term=term, subgroup=subgroup, unit="count", n=people)

    for term in ("registered", "no_consent", "no_cohort"):
        count(term, panel.flow[term])
    frame = panel.frame
    primary = frame[plan.primary].notna() if plan.primary in frame else frame["state"] == "approved"
    steps = frame.assign(
        started=frame["attended_share"].fillna(0) > 0,
        finished=frame["completed"].fillna(0) > 0,
        analysed=primary.groupby(frame["study_id"]).transform("all"),
    )
    groups = [("all", steps), *steps.groupby("arm"), *((f"cohort:{code}", part) for code, part in steps.groupby("cohort"))]
    for subgroup, part in groups:
        people = part.drop_duplicates("study_id")
        count("assigned", len(people), subgroup)
        if people["attended_share"].notna().any():
            count("started", int(people["started"].sum()), subgroup)
            count("completed", int(people["finished"].sum()), subgroup)
        for wave, answers in part.groupby("wave", sort=False):
            count(f"wave_answered:{wave}", int((answers["state"] == "approved").sum()), subgroup)
            count(f"wave_rejected:{wave}", int((answers["state"] == "rejected").sum()), subgroup)
            count(f"wave_missing:{wave}", int((~answers["state"].isin(["approved", "rejected"])).sum()), subgroup)
        count("analysed", int(people["analysed"].sum()), subgroup)


def _write_characteristics(sheet: ResultSheet, people: pd.DataFrame, variables: list[str]) -> None:
    arms = sorted(people["arm"].unique(), key=lambda arm: arm != TREATMENT)
    groups = [("all", people), *((arm, people[people["arm"] == arm]) for arm in arms if len(arms) > 1)]
    for subgroup, part in groups:
        for row in describe(part, variables).table.to_dict("records"):
            words: dict[str, Any] = {"estimand": "descriptive", "term": row["variable"], "subgroup": subgroup, "n": row["n"]}
            sheet.add("characteristics", "mean", row["mean"], unit=VARIABLES[row["variable"]].unit, **words)
            sheet.add("characteristics", "sd", row["sd"], unit=VARIABLES[row["variable"]].unit, **words)
            sheet.add("characteristics", "missing", row["missing"], unit="count", **words)
    if len(arms) > 1:
        _write_balance(sheet, people, variables)


def _write_balance(sheet: ResultSheet, people: pd.DataFrame, variables: list[str]) -> None:
    treated = people.assign(treated=(people["arm"] == TREATMENT).astype(float))
    balance = balance_table(treated, variables, "treated")
    for row in records(balance.table):
        words: dict[str, Any] = {
            "estimand": "descriptive",
            "term": row["variable"],
            "subgroup": "difference",
            "unit": VARIABLES[row["variable"]].unit,
            "n": row["n_treated"] + row["n_control"],
            "cautions": [c for c in balance.cautions if c.facts.get("variable") == row["variable"]],
        }
        sheet.add("characteristics", "estimate", row["difference"], **words)
        for statistic in ("std_error", "p_value", "normalised_difference"):
            sheet.add("characteristics", statistic, row[statistic], **words)
    general = [c for c in balance.cautions if "variable" not in c.facts]
    words = {"estimand": "descriptive", "term": "joint", "subgroup": "difference", "cautions": general}
    if balance.joint is None:
        sheet.add("characteristics", "p_value", None, n=balance.n, **words)
        return
    joint = balance.joint
    numbers = {"statistic": joint.statistic, "df": joint.df_num, "df_residual": joint.df_den, "p_value": joint.p_value}
    for statistic, value in numbers.items():
        sheet.add("characteristics", statistic, value, n=joint.n, **words)


def _write_attrition(sheet: ResultSheet, frame: pd.DataFrame) -> None:
    answers = frame.assign(answered=(frame["state"] == "approved").astype(int))
    reference = "comparison" if (frame["arm"] == "comparison").any() else None
    response = attrition_table(answers, unit="study_id", wave="wave", arm="arm", answered="answered", reference=reference)
    words: dict[str, Any] = {"estimand": "descriptive"}
    for row in records(response.table):
        place: dict[str, Any] = {"term": f"wave:{row['wave']}", "subgroup": row["arm"], "n": row["due"]}
        sheet.add("attrition", "due", row["due"], unit="count", **place, **words)
        sheet.add("attrition", "answered", row["answered"], unit="count", **place, **words)
        sheet.add("attrition", "share", row["share"], unit="share", **place, **words)
    for row in records(response.tests):
        cautions = [c for c in response.cautions if c.facts.get("wave") == row["wave"]]
        place = {"term": f"wave:{row['wave']}", "subgroup": "difference", "n": row["n"], "cautions": cautions}
        sheet.add("attrition", "estimate", row["difference"], unit="share", **place, **words)
        sheet.add("attrition", "p_value", row["p_value"], **place, **words)
