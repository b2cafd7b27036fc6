"""An officer's way from a template to a completed cohort, on a phone and on a laptop."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from evalapp.people.consents.answer_consent import Asked, give_consent
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.training.tables import Attendance, Cohort, Trainer, TrainingSession
from tests.people.registered import register
from tests.training.enrolments.joining import DAY, START
from tests.web.browsing import check_page, follow

HERE = "/programmes/pi-2026"


def add_people(site, count):
    with site.transaction() as db:
        programme = db.scalars(select(Programme).where(Programme.code == "pi-2026")).one()
        publish_consent_text(db, programme, "training", "1", {"ko": "동의서", "en": "Consent"}, 24)
        people = [register(db, programme, f"p-{number}") for number in range(count)]
        for person in people:
            give_consent(db, programme, person, Asked("training", "1", "ko"), START - DAY)
        return [person.study_id for person in people]


def hold_session(site, minutes):
    """Hold one session of 100 minutes, where each person by study ID was there for some."""
    with site.transaction() as db:
        cohort = db.scalars(select(Cohort).where(Cohort.code == "PI-1")).one()
        trainer = Trainer(code="T-01")
        db.add(trainer)
        db.flush()
        facts = {"module": "introduction", "held_on": START + DAY, "state": "held", "planned_minutes": 100}
        session = TrainingSession(cohort_id=cohort.id, lead_trainer_id=trainer.id, number=1, **facts)
        db.add(session)
        db.flush()
        for study_id, spent in minutes.items():
            person = db.scalars(select(Entrepreneur.id).where(Entrepreneur.study_id == study_id)).one()
            status = "present" if spent else "unexcused"
            db.add(Attendance(session_id=session.id, entrepreneur_id=person, status=status, minutes=spent))


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_an_officer_takes_a_cohort_from_the_template_to_its_completion(served, width, javascript):
    page = served.page("program_officer", programmes=("pi",), width=width, javascript=javascript)
    page.goto(served.address + "/programmes/new")
    for label, text in (("Name in Korean", "주도성 훈련"), ("Name in English", "PI training"), ("Code", "pi-2026")):
        page.get_by_label(label).fill(text)
    page.get_by_label("First day of training").fill(f"{START}")
    follow(page.get_by_role("button", name="Create the programme"))
    page.goto(f"{served.address}{HERE}/cohorts")
    follow(page.get_by_role("navigation", name="Training").get_by_role("link", name="Curriculum"))
    expect(page.get_by_role("heading", name="12. Looking back and going on")).to_be_visible()
    expect(page.get_by_role("navigation", name="Programme").get_by_role("link", name="Cohorts")).to_have_attribute(
        "aria-current", "page"
    )
    follow(page.get_by_role("navigation", name="Training").get_by_role("link", name="Cohorts"))
    follow(page.get_by_role("link", name="Add a cohort").first)
    page.get_by_label("Code").fill("PI-1")
    page.get_by_label("First day of training").fill(f"{START}")
    page.get_by_label("Last day of training").fill(f"{START + 20 * DAY}")
    page.get_by_label("Places").fill("3")
    follow(page.get_by_role("button", name="Save"))
    first, second, third, fourth = add_people(served.site, 4)
    follow(page.get_by_role("link", name="Add people").first)
    page.get_by_label("Study IDs").fill(f"{first}\n{second}\n{third}\n{fourth}")
    page.get_by_label("Day of the step").fill(f"{START}")
    follow(page.get_by_role("button", name="Move them"))
    expect(page.get_by_role("heading", name="The cohort is full")).to_be_visible()
    page.get_by_label("Study IDs").fill(f"{first} {second} {third}")
    follow(page.get_by_role("button", name="Move them"))
    enrolled = page.locator("section.stage").filter(has=page.get_by_role("heading", name=re.compile("enrolled")))
    enrolled.get_by_text("Move people of this list").click()
    enrolled.get_by_label("Everyone here").check()
    enrolled.get_by_label("What to do").select_option("active:begun")
    enrolled.get_by_label("Day of the step").fill(f"{START}")
    follow(enrolled.get_by_role("button", name="Move them"))
    hold_session(served.site, {first: 100, second: 80, third: 0})
    page.reload()
    expect(page.get_by_text("All sessions are over.")).to_be_visible()
    follow(page.get_by_role("link", name="Apply the completion rule"))
    expect(page.get_by_text("2 of 3 people meet the rule.")).to_be_visible()
    page.get_by_label("End the training of those who do not meet the rule").check()
    follow(page.get_by_role("button", name="Record that 2 people completed"))
    expect(page.get_by_role("heading", name=re.compile("completed 2 people"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("withdrew 1 person"))).to_be_visible()
    if javascript:
        check_page(page)


def test_the_pages_are_sound(served):
    page = served.page("program_officer", programmes=("pi-2026",), width=390, language="ko")
    (study_id,) = add_people(served.site, 1)
    page.goto(f"{served.address}{HERE}/curriculum/template")
    follow(page.locator("button.button-primary").first)
    check_page(page)  # no template was chosen
    page.locator("input[name=template]").first.check()
    follow(page.locator("button.button-primary").first)
    for path in (
        "/curriculum", "/curriculum/modules/planning", "/curriculum/modules/planning/items/1", "/curriculum/new-module", "/cohorts",
        "/cohorts/new", "/cohorts/stages", "/cohorts/applicants", "/trainers", "/trainers/new",
    ):  # fmt: skip
        page.goto(f"{served.address}{HERE}{path}")
        check_page(page)
    page.goto(f"{served.address}{HERE}/cohorts/stages")
    page.locator("#people").fill(f"{study_id} {study_id}")
    page.locator("#step").select_option("active:begun")
    follow(page.locator("button.button-primary"))
    expect(page.locator(".refusals li")).to_have_count(1)
    check_page(page)
