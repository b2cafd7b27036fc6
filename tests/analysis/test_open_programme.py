"""Programmes from their templates."""

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.analysis.plans.open_programme import open_programme
from evalapp.analysis.plans.plan import read_plan
from evalapp.analysis.plans.programme_templates import dated_waves, get_template, list_templates
from evalapp.analysis.queries import get_newest_plan
from evalapp.core.errors import NotFound
from evalapp.surveys.tables import Wave

START = dt.date(2026, 3, 2)


@pytest.mark.parametrize("code", [template.code for template in list_templates()])
def test_every_template_opens_a_programme_with_waves_and_a_sound_plan(db, code):
    template = get_template(code)
    description = {"code": "new", "name_ko": "새", "name_en": "New", "waves": dated_waves(template, START), "plan": template.plan}
    programme = open_programme(db, description)
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.round)).all()
    assert waves[0].closes_on < START < waves[1].opens_on
    assert read_plan({key: value for key, value in template.plan.items() if key != "code"}).primary == "profit_krw"
    assert get_newest_plan(db, programme.id, "main").version == 1


def test_a_wave_over_the_turn_of_the_year_counts_in_the_year_it_opens():
    waves = dated_waves(get_template("pi_training"), dt.date(2026, 12, 30))
    assert [wave["survey_year"] for wave in waves][:2] == [2026, 2027]


def test_an_unknown_template_is_not_found():
    with pytest.raises(NotFound, match="no template magic"):
        get_template("magic")
