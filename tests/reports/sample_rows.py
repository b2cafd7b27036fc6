"""Two runs with made-up numbers, as reports meet them: a full programme in two arms, and a panel of firms with one regression."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from evalapp.analysis.queries import CohortRecord, Row, RunRecord, WaveRecord

INTERNAL = ("difficulty_sales", "difficulty_supplies", "difficulty_recruitment", "difficulty_marketing")
EXTERNAL = ("difficulty_financing", "difficulty_competition", "difficulty_regulations")
DROPPED = "difficulty_quality_control"
ITEMS = (*INTERNAL, *EXTERNAL, DROPPED)
WAVES = ("baseline", "follow_up_1", "follow_up_2", "follow_up_3")
SIZES = {"C1": 22, "C2": 20, "C3": 20}
COMPARISON = 60
CHARACTERISTICS = {
    "age": ("years", 44.2, 9.1), "female": ("share", 0.62, 0.49), "university": ("share", 0.21, 0.41),
    "years_south": ("years", 9.8, 4.4),
    "previous_firm": ("share", 0.33, 0.47), "firm_age": ("years", 4.1, 3.2), "employees": ("count", 2.6, 4.8),
    "sole_proprietor": ("share", 0.41, 0.49), "service_industry": ("share", 0.55, 0.5), "union": ("share", 0.02, 0.14),
}  # fmt: skip
OUTCOMES = (
    ("profit_krw", "Monthly profit", "월 순이익", "krw", "money", "higher", 350_000, 160_000),
    ("pi_score", "Personal initiative", "자기주도성", "points", "likert", "higher", 0.31, 0.09),
    ("internal_difficulty", "Internal difficulty", "내부 어려움", "sd", "score", "lower", -0.12, 0.15),
    ("firm_operating", "Firm still operating", "사업체 영업 지속", "share", "share", "higher", 0.034, 0.041),
)
FEW_TREATED = ("few_treated", {"treated": 4, "threshold": 5})
SINGLE_TREATED = ("single_treated", {})
SEEN_ONCE = ("seen_once", {"rows": 3, "of": 165})

FULL_PLAN: Mapping[str, Any] = {
    "title": {"ko": "주도성 교육 1차 연도 평가", "en": "Evaluation of the initiative training, year one"},
    "question": {"ko": "교육은 참여자의 영업이익을 높였습니까?", "en": "Did the training raise the participants' profit?"},
    "outcomes": [
        {"variable": name, "label": {"ko": ko, "en": en}, "unit": unit, "kind": kind, "good": good}
        for name, en, ko, unit, kind, good, _, _ in OUTCOMES
    ],
    "primary": "profit_krw",
    "headline": "simple",
    "estimator": {
        "method": "dr", "control_group": "not_yet_treated", "covariates": ["age", "female"], "base_period": "universal",
        "anticipation": 0, "inference": "small_sample",
    },
    "difficulty": {
        "items": list(ITEMS), "drop": [DROPPED], "anchors": {"internal": list(INTERNAL), "external": list(EXTERNAL)},
        "reference_wave": "baseline", "blocks": [["party_background", "market_experience"], ["firm_age"]],
        "controls": ["female", "university"], "robust": "HC3",
    },
    "characteristics": list(CHARACTERISTICS),
    "indicators": ["changed_operations", "better_communication", "better_profitability", "new_capital"],
}  # fmt: skip


def row(family: str, statistic: str, value: float | None, **words: Any) -> Row:
    columns = {
        "outcome": "",
        "estimand": "",
        "model": "",
        "term": "",
        "subgroup": "",
        "unit": "",
        "n": None,
        "clusters": None,
        "warnings": (),
    }
    return Row(family=family, statistic=statistic, value=value, **{**columns, **words})


def estimate(family: str, value: float, error: float, **words: Any) -> Iterator[Row]:
    p = float(2 * stats.t.sf(abs(value / error), 88.4))
    low, high = value - 1.99 * error, value + 1.99 * error
    for name, number in (
        ("estimate", value),
        ("std_error", error),
        ("conf_low", low),
        ("conf_high", high),
        ("p_value", p),
        ("df", 88.4),
    ):
        yield row(family, name, number, **words)


def full_run() -> RunRecord:
    day = dt.date
    return RunRecord(
        id=7, programme_code="training-one",
        programme_name={"ko": "기업가 주도성 교육", "en": "Initiative training for entrepreneurs"}, is_synthetic=True,
        data_note={
            "ko": "이 보고서의 응답은 모두 프로그램이 만들어 낸 것이며, 실제 사람의 답이 아닙니다.",
            "en": "Every answer behind this report was made by a program; it is no real person's.",
        },
        plan=FULL_PLAN, plan_code="main", plan_version=2, plan_sha256="a1" * 32,
        plan_registered_at=dt.datetime(2025, 2, 3, 1, 30, tzinfo=dt.UTC), snapshot_sha256="c7" * 32,
        snapshot_rows=488, snapshot_people=122,
        frozen_at=dt.datetime(2026, 3, 30, 5, 0, tzinfo=dt.UTC), seed=20260330,
        versions={"evalapp": "0.1.0", "python": "3.11.9", "numpy": "2.4.0", "pandas": "3.1.0"},
        started_at=dt.datetime(2026, 4, 1, 2, 0, tzinfo=dt.UTC), finished_at=dt.datetime(2026, 4, 1, 2, 0, 9, tzinfo=dt.UTC),
        waves=(
            WaveRecord("baseline", 1, {"ko": "사전 조사", "en": "Baseline"}, day(2025, 3, 1), day(2025, 3, 31)),
            WaveRecord("follow_up_1", 2, {"ko": "1차 추적 조사", "en": "Follow-up 1"}, day(2025, 7, 1), day(2025, 7, 31)),
            WaveRecord("follow_up_2", 3, {"ko": "2차 추적 조사", "en": "Follow-up 2"}, day(2025, 11, 1), day(2025, 11, 30)),
            WaveRecord("follow_up_3", 4, {"ko": "3차 추적 조사", "en": "Follow-up 3"}, day(2026, 3, 1), day(2026, 3, 28)),
        ),
        cohorts=(
            CohortRecord("C1", "treatment", day(2025, 4, 14), day(2025, 5, 23)),
            CohortRecord("C2", "treatment", day(2025, 8, 11), day(2025, 9, 19)),
            CohortRecord("C3", "treatment", day(2025, 12, 1), day(2026, 1, 9)),
            CohortRecord("N", "comparison", None, None),
        ),
    )  # fmt: skip


def full_rows() -> list[Row]:
    rng = np.random.default_rng(7)
    return [
        *_flow(), *_characteristics(rng), *_attrition(), *_dosage(), *_difficulty(rng), *_components(rng), *_models(rng),
        *(r for outcome in OUTCOMES for r in _outcome(rng, *outcome)), *_indicators(),
    ]  # fmt: skip


def _flow() -> Iterator[Row]:
    def count(term: str, people: int, subgroup: str = "all") -> Row:
        return row("flow", "count", people, estimand="count", term=term, subgroup=subgroup, unit="count", n=people)

    yield from (count("registered", 131), count("no_consent", 6), count("no_cohort", 3))
    trained = sum(SIZES.values())
    groups = {"all": trained + COMPARISON, "comparison": COMPARISON, "treatment": trained}
    groups |= {f"cohort:{c}": n for c, n in SIZES.items()} | {"cohort:N": COMPARISON}
    for group, people in groups.items():
        yield count("assigned", people, group)
        if group not in ("comparison", "cohort:N"):
            of = trained if group == "all" else people
            yield count("started", of - 1, group)
            yield count("completed", round(0.87 * of), group)
        for wave, share in zip(WAVES, (1.0, 0.92, 0.86, 0.8), strict=True):
            answered = round(share * people)
            rejected = 2 if people > 100 and share < 1 else 0
            yield count(f"wave_answered:{wave}", answered - rejected, group)
            yield count(f"wave_rejected:{wave}", rejected, group)
            yield count(f"wave_missing:{wave}", people - answered, group)
        yield count("analysed", round(0.74 * people), group)


def _characteristics(rng: np.random.Generator) -> Iterator[Row]:
    sizes = {"all": 122, "treatment": 62, "comparison": 60}
    for name, (unit, mean, sd) in CHARACTERISTICS.items():
        for group, n in sizes.items():
            words = {"estimand": "descriptive", "term": name, "subgroup": group, "unit": unit, "n": n - (name == "employees")}
            centre = mean + (0.09 * sd * rng.standard_normal() if name != "union" else 0)
            for statistic, value in (("mean", centre), ("sd", sd), ("missing", float(name == "employees"))):
                yield row("characteristics", statistic, value, **words)
        z = float(rng.standard_normal())
        words = {"estimand": "descriptive", "term": name, "subgroup": "difference", "unit": unit, "n": 122}
        numbers = (
            ("estimate", 0.18 * sd * z),
            ("std_error", 0.18 * sd),
            ("p_value", float(np.exp(-abs(z)))),
            ("normalised_difference", 0.18 * z),
        )
        for statistic, value in numbers:
            yield row("characteristics", statistic, value, **words)
    for statistic, value in (("statistic", 0.84), ("df", 10), ("df_residual", 110), ("p_value", 0.59)):
        yield row("characteristics", statistic, value, estimand="descriptive", term="joint", subgroup="difference", n=122)


def _attrition() -> Iterator[Row]:
    for wave, trained, others, p in zip(WAVES, (62, 58, 56, 53), (60, 55, 49, 45), (None, 0.72, 0.19, 0.031), strict=True):
        for arm, due, answered in (("treatment", 62, trained), ("comparison", 60, others)):
            words = {"estimand": "descriptive", "term": f"wave:{wave}", "subgroup": arm, "n": due}
            for statistic, value in (("due", due), ("answered", answered), ("share", answered / due)):
                yield row("attrition", statistic, value, **words, unit="share" if statistic == "share" else "count")
        words = {"estimand": "descriptive", "term": f"wave:{wave}", "subgroup": "difference", "n": 122, "unit": "share"}
        yield row("attrition", "estimate", trained / 62 - others / 60, **words)
        yield row("attrition", "p_value", p, **words)


def _dosage() -> Iterator[Row]:
    for group, n in {"treatment": 62, **{f"cohort:{c}": n for c, n in SIZES.items()}}.items():
        words = {"estimand": "descriptive", "subgroup": group, "n": n}
        yield row("dosage", "count", 36 if group == "treatment" else 12, term="sessions_held", unit="count", **words)
        yield row("dosage", "mean", 36.0, term="planned_hours", unit="count", **words)
        yield row("dosage", "mean", 0.862, term="attended_share", unit="share", **words)
        yield row("dosage", "mean", round(0.87 * n) / n, term="completed_share", unit="share", **words)


def _difficulty(rng: np.random.Generator) -> Iterator[Row]:
    for place, item in enumerate(ITEMS):
        weights = rng.dirichlet([2 + place / 2, 3, 4, 5, 6 - place / 3])
        counts = rng.multinomial(122, weights)
        for category, count in enumerate(counts, start=1):
            words = {"estimand": "descriptive", "outcome": item, "term": f"category:{category}", "subgroup": "baseline", "n": 122}
            yield row("difficulty_answers", "count", int(count), unit="count", **words)
            yield row("difficulty_answers", "share", count / 122, unit="share", **words)


def _components(rng: np.random.Generator) -> Iterator[Row]:
    for item in ITEMS:
        words = {"estimand": "component", "term": item, "subgroup": "dropped" if item == DROPPED else "kept", "n": 122}
        yield row("component_screen", "item_rest", 0.17 if item == DROPPED else float(rng.uniform(0.4, 0.7)), **words)
        yield row("component_screen", "communality", 0.09 if item == DROPPED else float(rng.uniform(0.4, 0.7)), **words)
    totals = (
        ("internal_difficulty", INTERNAL, (0.367, 0.82, 0.77, 0.86)),
        ("external_difficulty", EXTERNAL, (0.284, 0.73, 0.65, 0.80)),
    )
    for name, own, numbers in totals:
        for item in (i for i in ITEMS if i != DROPPED):
            strong = item in own
            words = {"estimand": "component", "outcome": name, "term": item, "n": 122}
            yield row("components", "loading", float(rng.uniform(0.65, 0.85) if strong else rng.uniform(0.05, 0.35)), **words)
            yield row("components", "weight", float(rng.uniform(0.25, 0.4) if strong else rng.uniform(-0.15, 0.05)), **words)
        statistics = ("variance_rotated", "alpha", "alpha_low", "alpha_high")
        for statistic, value in zip(statistics, numbers, strict=True):
            yield row("components", statistic, value, estimand="component", outcome=name, term="component", n=122)
    for name, share, eigenvalue in (("component:1", 0.514, 3.60), ("component:2", 0.139, 0.98)):
        words = {"estimand": "component", "outcome": name, "n": 122}
        for item in (i for i in ITEMS if i != DROPPED):
            yield row("components", "loading_unrotated", float(rng.uniform(-0.4, 0.8)), term=item, **words)
        yield row("components", "variance_unrotated", share, term="component", **words)
        yield row("components", "eigenvalue", eigenvalue, term="component", **words)
    yield row("component_fit", "value", 0.83, estimand="component", term="kmo", n=122)
    for statistic, value in (("statistic", 312.4), ("df", 21), ("p_value", 1e-12)):
        yield row("component_fit", statistic, value, estimand="component", term="bartlett", n=122)


def _models(rng: np.random.Generator) -> Iterator[Row]:
    controls = ("female", "university", "sole_proprietor")
    experience = ("party_background", "market_experience")
    models = {
        "1": experience,
        "2": experience + controls,
        "3": ("firm_age",),
        "4": ("firm_age", *controls),
        "5": (*experience, "firm_age", *controls),
    }
    for family in ("component_models", "item_mean_models"):
        for component in ("internal_difficulty", "external_difficulty"):
            for model, terms in models.items():
                for term in (*terms, "constant"):
                    words = {
                        "estimand": "association",
                        "outcome": component,
                        "model": model,
                        "term": term,
                        "unit": "sd",
                        "n": 122,
                        "clusters": 122,
                    }
                    yield from estimate(family, float(rng.normal(0, 0.3)), 0.18, **words)
                yield row(
                    family,
                    "r_squared",
                    0.04 + 0.02 * int(model),
                    estimand="association",
                    outcome=component,
                    model=model,
                    term="model",
                    n=122,
                )


def _outcome(
    rng: np.random.Generator, name: str, _en: str, _ko: str, unit: str, _kind: str, _good: str, effect: float, error: float
) -> Iterator[Row]:
    base = {"krw": 1_800_000.0, "points": 3.4, "sd": 0.0, "share": 0.9}[unit]
    for time, wave in enumerate(WAVES):
        for arm, n, lift in (("treatment", 62 - 3 * time, effect * time / 3), ("comparison", 60 - 5 * time, 0.0)):
            mean, half = base + lift + 0.02 * time * base, 1.4 * error
            words = {"outcome": name, "estimand": "descriptive", "term": f"wave:{wave}", "subgroup": arm, "unit": unit, "n": n}
            for statistic, value in (("mean", mean), ("sd", 5 * error), ("conf_low", mean - half), ("conf_high", mean + half)):
                yield row("outcome_means", statistic, value, **words)
    words = {"outcome": name, "estimand": "ATT", "model": "callaway_santanna", "unit": unit, "n": 122, "clusters": 122}
    yield from estimate("effects", effect, error, term="overall", **words)
    for aggregate in ("simple", "dynamic", "group", "calendar"):
        yield from estimate("effects", effect, error, term=f"overall:{aggregate}", **words)
    for event, n in ((-3, 20), (-2, 40), (-1, 62), (0, 62), (1, 42), (2, 22)):
        value = effect * (0.6 + 0.3 * event) if event >= 0 else 0.15 * error * float(rng.standard_normal())
        if event == -1:
            yield row("effects", "estimate", 0.0, term="event:-1", **{**words, "n": n})
        else:
            yield from estimate("effects", value, 1.2 * error, term=f"event:{event}", **{**words, "n": n})
    for group, size in ((2, 22), (3, 20), (4, 20)):
        yield from estimate(
            "effects", effect * (1.2 - 0.1 * group), 1.5 * error, term=f"group:{group}", **{**words, "n": size + COMPARISON}
        )
        for time in (2, 3, 4):
            warned = (FEW_TREATED,) if (group, time) == (4, 4) else ()
            yield from estimate(
                "effects", effect if time >= group else 0.1 * error, 1.7 * error,
                term=f"cell:{group}:{time}", **{**words, "n": size + COMPARISON, "warnings": warned},
            )  # fmt: skip
    for statistic, value in (("statistic", 0.61), ("df", 3), ("df_residual", 90), ("p_value", 0.61)):
        yield row("effects", statistic, value, term="pretest", **{**words, "unit": ""})
    yield from estimate("effects", 0.9 * effect, 1.1 * error, **{**words, "model": "two_by_two", "term": "overall"})
    twfe = {**words, "model": "twfe", "term": "overall", "estimand": "TWFE coefficient"}
    yield from estimate("effects", -0.1 * effect if unit == "krw" else 0.8 * effect, 0.9 * error, **twfe)
    weight = {"outcome": name, "estimand": "TWFE weight", "model": "twfe", "term": "forbidden"}
    yield row("bacon", "weight", 0.31, **weight)
    yield from _missing_answers(name, unit, effect, error)


def _missing_answers(name: str, unit: str, effect: float, error: float) -> Iterator[Row]:
    """In the last wave the training group answers more often by more than chance, in the one before by three answers."""
    asked = {"treatment": 62, "comparison": 60}
    waves = (("overall", 52, 43, 0.12), ("wave:follow_up_2", 55, 50, 0.39), ("wave:follow_up_3", 53, 41, 0.031))
    for term, trained, others, p in waves:
        words = {"outcome": name, "term": term}
        for arm, answered in (("treatment", trained), ("comparison", others)):
            for statistic, value in (("due", asked[arm]), ("answered", answered), ("share", answered / asked[arm])):
                yield row(
                    "attrition_effects", statistic, value, **words, estimand="descriptive", subgroup=arm, n=asked[arm],
                    unit="share" if statistic == "share" else "count",
                )  # fmt: skip
        yield row("attrition_effects", "p_value", p, **words, estimand="descriptive", subgroup="difference", n=122)
        words |= {"estimand": "ATT", "unit": unit, "n": trained + others, "clusters": trained + others}
        if term == "overall":
            yield from estimate("attrition_effects", 0.94 * effect, error, model="callaway_santanna_weighted", **words)
            continue
        yield from estimate("attrition_effects", effect, 1.1 * error, model="two_by_two", **words)
        yield from estimate("attrition_effects", 0.97 * effect, 1.1 * error, model="two_by_two_weighted", **words)
        words |= {"estimand": "always-answering ATT", "model": "lee_bounds"}
        ends = (("lower", -0.2), ("upper", 0.3), ("conf_low", -2.0), ("conf_high", 2.1))
        for statistic, errors in ends:
            yield row("attrition_effects", statistic, effect + errors * error, **words)
        trimmed = {**words, "unit": "share", "subgroup": "treatment", "n": trained, "clusters": None}
        yield row("attrition_effects", "trimmed_share", 1 - others / 60 * 62 / trained, **trimmed)


def _indicators() -> Iterator[Row]:
    counts = {"changed_operations": 13, "better_communication": 12, "better_profitability": 10, "new_capital": 5}
    ends = {13: (0.621, 0.963), 12: (0.548, 0.930), 10: (0.417, 0.848), 5: (0.152, 0.583)}
    for name, count in counts.items():
        words = {"estimand": "descriptive", "term": name, "subgroup": "treatment:follow_up_1", "n": 15}
        numbers = (
            ("count", count, "count"),
            ("share", count / 15, "share"),
            ("conf_low", ends[count][0], "share"),
            ("conf_high", ends[count][1], "share"),
        )
        for statistic, value, unit in numbers:
            yield row("indicators", statistic, value, unit=unit, **words)


def grants_run() -> RunRecord:
    plan = {
        "title": {"ko": "직업훈련 보조금과 불량률", "en": "Training grants and scrap rates"},
        "question": {
            "ko": "보조금을 받은 기업의 불량률은 낮아졌습니까?",
            "en": "Did scrap rates fall in firms that received a grant?",
        },
        "outcomes": [
            {
                "variable": "log_scrap",
                "label": {"ko": "불량률(로그)", "en": "Log scrap rate"},
                "unit": "log",
                "kind": "score",
                "good": "lower",
            }
        ],
        "primary": "log_scrap",
        "estimator": {},
        "twfe": {"regressors": ["grant", "grant_1"]},
        "characteristics": ["employ", "union"],
    }
    years = tuple(
        WaveRecord(f"y{year}", i, {"ko": f"{year}년", "en": str(year)}, dt.date(year, 1, 1), dt.date(year, 12, 31))
        for i, year in enumerate((1987, 1988, 1989), start=1)
    )
    return replace(
        full_run(), id=8, programme_code="grants", programme_name={"ko": "직업훈련 보조금", "en": "Job-training grants"},
        is_synthetic=False, data_note={"ko": "공개 자료", "en": "Public data"}, plan=plan, plan_sha256="b2" * 32, waves=years,
        cohorts=(), snapshot_rows=162, snapshot_people=54,
    )  # fmt: skip


def grants_rows() -> list[Row]:
    rows = [
        row("flow", "count", count, estimand="count", term=term, subgroup="all", unit="count", n=int(count))
        for term, count in (("registered", 54), ("no_consent", 0), ("no_cohort", 0), ("assigned", 54), ("analysed", 54))
    ]
    for name, unit, mean, sd in (("employ", "count", 59.3, 74.1), ("union", "share", 0.26, 0.44)):
        words = {"estimand": "descriptive", "term": name, "subgroup": "all", "unit": unit, "n": 54}
        rows += [row("characteristics", s, v, **words) for s, v in (("mean", mean), ("sd", sd), ("missing", 0))]
    for wave, mean in (("y1987", 0.60), ("y1988", 0.44), ("y1989", 0.20)):
        words = {
            "outcome": "log_scrap",
            "estimand": "descriptive",
            "term": f"wave:{wave}",
            "subgroup": "all",
            "unit": "log",
            "n": 54,
        }
        rows += [
            row("outcome_means", s, v, **words)
            for s, v in (("mean", mean), ("sd", 1.4), ("conf_low", mean - 0.38), ("conf_high", mean + 0.38))
        ]
    words = {
        "outcome": "log_scrap",
        "estimand": "TWFE coefficient",
        "model": "twfe",
        "unit": "log",
        "n": 162,
        "clusters": 54,
        "warnings": (SEEN_ONCE,),
    }
    rows += estimate("effects", -0.2523, 0.1506, term="grant", **words)
    rows += estimate("effects", -0.4216, 0.2102, term="grant_1", **words)
    return rows
