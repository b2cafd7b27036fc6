"""The import files of the Michigan job-training programme: firms, three years of answers, and who received a grant when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

WHOLE = ("employ", "totrain", "grant", "grant_1", "union")
MEASURED = ("scrap", "rework", "sales", "avgsal", "tothrs", "hrsemp")


@dataclass(frozen=True)
class JobTrainingFiles:
    """Paths of the files written."""

    people: Path
    answers: Mapping[str, Path]
    training: tuple[Path, ...]


def write_job_training_files(data: pd.DataFrame, folder: Path) -> JobTrainingFiles:
    """Write a frame of firms and years (as linearmodels ships it) as import files. A firm counts as treated from its first grant on."""
    folder.mkdir(parents=True, exist_ok=True)
    firms = data.assign(study_id="MI-" + data["fcode"].astype(int).astype(str), year=data["year"].astype(int))
    first_grant = firms[firms["grant"] == 1].groupby("study_id")["year"].min()
    everyone = pd.Series(sorted(firms["study_id"].unique()), name="study_id")
    people, cohorts, enrolments = folder / "people.csv", folder / "cohorts.csv", folder / "enrolments.csv"
    pd.DataFrame(
        {"study_id": everyone, "registered_on": "1987-12-31", "consent_version": "public-data", "consent_survey": "1987-12-31"}
    ).to_csv(people, index=False)
    years = sorted(first_grant.unique())
    pd.DataFrame([_cohort(year) for year in [*years, None]]).to_csv(cohorts, index=False)
    cohort = everyone.map(first_grant).map(lambda year: "comparison" if pd.isna(year) else f"grant-{year:.0f}")
    pd.DataFrame({"study_id": everyone, "cohort": cohort, "stage": "enrolled", "stage_on": "1987-12-31"}).to_csv(
        enrolments, index=False
    )
    answers = {f"y{year}": folder / f"answers_y{year}.csv" for year in sorted(firms["year"].unique())}
    for year, rows in firms.groupby("year"):
        _answers(rows).to_csv(answers[f"y{year}"], index=False)
    return JobTrainingFiles(people, answers, (cohorts, enrolments))


def _cohort(year: int | None) -> dict[str, str]:
    if year is None:
        return {"cohort": "comparison", "arm": "comparison", "starts_on": "", "ends_on": ""}
    starts, ends = dt.date(int(year), 1, 1).isoformat(), dt.date(int(year), 12, 31).isoformat()
    return {"cohort": f"grant-{year}", "arm": "treatment", "starts_on": starts, "ends_on": ends}


def _answers(rows: pd.DataFrame) -> pd.DataFrame:
    whole = rows[list(WHOLE)].round().astype("Int64")
    return pd.concat([rows[["study_id"]], whole, rows[list(MEASURED)]], axis=1)
