"""Plans: checked, hashed, dated; a change is a new version."""

import copy
import json
from pathlib import Path

import pytest

from evalapp.analysis.plans.plan import read_plan
from evalapp.analysis.plans.programme_templates import read_description
from evalapp.analysis.plans.register_plan import register_plan
from evalapp.core.errors import AppError
from tests.programme import SmallProgramme

PROGRAMMES = Path(__file__).parent.parent.parent / "config" / "programmes"


def specification():
    plan = dict(read_description(PROGRAMMES / "pi_demo")["plan"])
    plan.pop("code")
    return plan


@pytest.mark.parametrize("folder", ["pi_demo", "job_training"])
def test_the_shipped_plans_are_sound(folder):
    plan = dict(read_description(PROGRAMMES / folder)["plan"])
    plan.pop("code")
    assert read_plan(plan).primary in {outcome.variable for outcome in read_plan(plan).outcomes}


def test_a_plan_is_stored_with_its_hash_and_the_same_plan_again_is_the_same_version(db):
    programme = SmallProgramme(db).programme
    first = register_plan(db, programme, "main", specification())
    assert register_plan(db, programme, "main", specification()).id == first.id
    assert json.loads(first.specification) == specification()
    assert len(first.sha256) == 64


def test_a_changed_plan_is_a_new_version_and_the_first_stays(db):
    programme = SmallProgramme(db).programme
    first = register_plan(db, programme, "main", specification())
    changed = specification() | {"headline": "simple"}
    second = register_plan(db, programme, "main", changed)
    assert (first.version, second.version) == (1, 2)
    assert json.loads(first.specification)["headline"] == "group"


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("primary",), "nobody", "primary"),
        (("headline",), "median", "headline"),
        (("outcomes",), [], "outcomes"),
        (("outcomes", 0, "variable"), "proft_krw", "outcomes: proft_krw"),
        (("outcomes", 0, "unit"), "won", "profit_krw, unit"),
        (("outcomes", 0, "label"), {"en": "Profit"}, "profit_krw, label"),
        (("estimator", "method"), "magic", "estimator.method"),
        (("estimator", "control_group"), "everyone", "estimator.control_group"),
        (("characteristics",), ["shoe_size"], "characteristics"),
        (("title",), {"ko": "제목"}, "title"),
        (("headlin",), "simple", "headline"),
        (("estimator", "metod"), "dr", "method"),
        (("estimator", "level"), 0.9, "estimator.level"),
        (("estimator", "anticipation"), "x", "estimator.anticipation"),
        (("estimator", "covariates"), ["shoe_size"], "estimator.covariates"),
        (("difficulty",), {"items": []}, "anchors"),
    ],
)
def test_a_wrong_entry_is_named(path, value, named):
    plan = copy.deepcopy(specification())
    place = plan
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(AppError, match=named):
        read_plan(plan)


def test_a_plan_without_a_question_is_refused():
    plan = specification()
    del plan["question"]
    with pytest.raises(AppError, match="question"):
        read_plan(plan)
