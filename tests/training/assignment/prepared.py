"""A programme whose people answered before the training, and an assignment as far along as a test needs it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from evalapp.core.clock import now, today
from evalapp.people.tables import Consent, Enterprise, Entrepreneur, Registration
from evalapp.surveys.instruments.publish_instrument import provide_instrument
from evalapp.surveys.tables import Answer, Submission, Wave
from evalapp.training.assignment.choose_pool import add_people, freeze_pool
from evalapp.training.assignment.design import Design, Stratifier, design_assignment
from evalapp.training.assignment.draw_assignment import draw_assignment
from evalapp.training.assignment.edit_assignment import AssignmentDetails, add_assignment
from evalapp.training.assignment.queries import list_candidates
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession

BASELINE = Path(__file__).parent.parent.parent.parent / "config" / "instruments" / "baseline"
CRITERIA = "Registered, runs a business today, has answered the baseline and can come on Tuesday evenings."
REASON = "for a test of assignments"
DETAILS = AssignmentDetails("randomised", CRITERIA, "A", "W")
STRATIFIED = Design(
    "stratified", "50%", (Stratifier("gender"), Stratifier("profit_krw")), covariates=("profit_krw", "hours_per_week")
)


class Ready:
    """A programme with a baseline wave, a cohort to train and a waitlist, and people who consent and have applied."""

    def __init__(self, db, programme, people=24, seed=1):
        self.db, self.programme, self.ids = db, programme, []
        self.rng = np.random.default_rng(seed)
        form = provide_instrument(db, BASELINE)
        self.waves = [self._wave(form.id, code, number) for number, code in enumerate(("bl", "fu1"), start=1)]
        start = today() + dt.timedelta(days=14)
        self.treated = self.add(
            Cohort(programme_id=programme.id, code="A", arm="treatment", starts_on=start, ends_on=start + dt.timedelta(days=41))
        )
        self.waiting = self.add(Cohort(programme_id=programme.id, code="W", arm="waitlist"))
        for _ in range(people):
            self.person()

    def add(self, thing):
        self.db.add(thing)
        self.db.flush()
        return thing

    def _wave(self, instrument_id, code, number):
        opens = today() - dt.timedelta(days=40 - 20 * number)
        return self.add(
            Wave(
                programme_id=self.programme.id, instrument_id=instrument_id, code=code, round=number, label_ko=code, label_en=code,
                opens_on=opens, closes_on=opens + dt.timedelta(days=60), survey_year=opens.year,
            )
        )  # fmt: skip

    def person(self, *, consent=True, answers=True, stage="applied"):
        number = len(self.ids) + 1
        person = self.add(Entrepreneur(study_id=f"PI-{number:04d}-0", created_at=now()))
        keys = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        day = today() - dt.timedelta(days=60 + number)
        self.add(Registration(**keys, registered_on=day, recruitment_channel=("website", "staff_contact")[number % 2]))
        self.add(Enterprise(entrepreneur_id=person.id, industry=("retail", "catering")[number % 2], start_year=2010 + number % 7))
        for purpose in ("survey", "training") if consent else ("survey",):
            self.add(Consent(**keys, purpose=purpose, text_version="1", given_on=day))
        if stage:
            self.add(Enrolment(**keys, stage=stage))
        if answers:
            self.answer(person.id, self.waves[0])
        self.ids.append(person.study_id)
        return person

    def answer(self, person_id, wave, **given):
        drawn = {
            "gender": ("female", "male")[int(self.rng.integers(2))],
            "profit_krw": str(int(self.rng.normal(2_000_000, 500_000))),
            "hours_per_week": str(int(self.rng.integers(20, 70))),
            "birth_year": str(int(self.rng.integers(1960, 1995))),
            **given,
        }
        submission = self.add(Submission(wave_id=wave.id, entrepreneur_id=person_id, state="approved", received_at=now()))
        self.db.add_all(
            Answer(submission_id=submission.id, variable=name, text=text, number=float(text) if text[-1].isdigit() else None)
            for name, text in drawn.items()
        )
        self.db.flush()

    def hold_session(self):
        trainer = self.add(Trainer(code="TR-1"))
        facts = {"module": "M1", "held_on": today(), "state": "held", "planned_minutes": 120}
        return self.add(TrainingSession(cohort_id=self.treated.id, lead_trainer_id=trainer.id, number=1, **facts))

    def begin(self, code="a1", details=DETAILS, **more):
        return add_assignment(self.db, self.programme, code, details, **more)

    def frozen(self, code="a1", details=DETAILS):
        assignment = self.begin(code, details)
        add_people(self.db, assignment, list_candidates(self.db, assignment))
        freeze_pool(self.db, assignment)
        return assignment

    def designed(self, design=STRATIFIED, code="a1"):
        assignment = self.frozen(code)
        design_assignment(self.db, assignment, design)
        return assignment

    def drawn(self, design=STRATIFIED, code="a1", seed=None):
        assignment = self.designed(design, code)
        draw_assignment(self.db, assignment, seed)
        return assignment
