"""What training was delivered and taken up, and what the trained say changed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.analysis.plans.plan import Plan
from evalapp.panel.build_panel import Panel
from evalapp.stats.proportion import proportion

MINUTES_PER_HOUR = 60


def describe_training(sheet: ResultSheet, panel: Panel, plan: Plan) -> None:
    """Write the families `dosage` and `indicators`."""
    trained = panel.frame[panel.frame["arm"] == "treatment"]
    recorded = trained[trained["attended_share"].notna()].drop_duplicates("study_id")
    if len(recorded):
        _write_dosage(sheet, "treatment", recorded)
        for cohort, people in recorded.groupby("cohort"):
            _write_dosage(sheet, f"cohort:{cohort}", people)
            _write_delivered(sheet, panel, str(cohort))
    for indicator in plan.indicators:
        if indicator in trained:
            _write_indicator(sheet, indicator, trained)


def _write_dosage(sheet: ResultSheet, subgroup: str, people: pd.DataFrame) -> None:
    words: dict[str, Any] = {"estimand": "descriptive", "subgroup": subgroup, "unit": "share", "n": len(people)}
    sheet.add("dosage", "mean", people["attended_share"].mean(), term="attended_share", **words)
    sheet.add("dosage", "mean", people["completed"].mean(), term="completed_share", **words)


def _write_delivered(sheet: ResultSheet, panel: Panel, cohort: str) -> None:
    words: dict[str, Any] = {"estimand": "descriptive", "subgroup": f"cohort:{cohort}", "unit": "count"}
    sheet.add("dosage", "count", panel.flow[f"sessions_held:{cohort}"], term="sessions_held", **words)
    hours = panel.flow[f"planned_minutes:{cohort}"] / MINUTES_PER_HOUR
    sheet.add("dosage", "count", hours, term="planned_hours", **words)


def _write_indicator(sheet: ResultSheet, indicator: str, trained: pd.DataFrame) -> None:
    """Count the people already trained at each wave who answered, and those of them who said yes."""
    asked = trained[(trained["round"] >= trained["first_treated"]) & trained[indicator].notna()]
    for (_, wave), answers in asked.groupby(["round", "wave"]):
        found = proportion(int(answers[indicator].sum()), len(answers))
        words: dict[str, Any] = {"estimand": "descriptive", "term": indicator, "subgroup": f"treatment:{wave}", "n": found.trials}
        sheet.add("indicators", "count", found.successes, unit="count", **words)
        for statistic in ("share", "conf_low", "conf_high"):
            sheet.add("indicators", statistic, getattr(found, statistic), unit="share", **words)
