"""Reads of the ratings of personal initiative: who is still to be rated, and how the ratings changed."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.training.attendance.queries import Place
from evalapp.training.enrolments.stages import WITH_A_PLACE
from evalapp.training.fidelity.measures import TraitChange, measure_change
from evalapp.training.fidelity.tables import OCCASIONS, TRAITS, TraitRating
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession


def may_rate(db: Session, viewer: Viewer, cohort: Cohort) -> bool:
    """Say whether an account rates the people of a cohort: who teaches a session of it does, who observes or manages does not."""
    own = select(Trainer.id).where(Trainer.account_id == viewer.account_id)
    taught = select(SessionTrainer.session_id).where(SessionTrainer.trainer_id.in_(own), SessionTrainer.role != "observer")
    theirs = TrainingSession.lead_trainer_id.in_(own) | TrainingSession.id.in_(taught)
    return db.scalar(select(TrainingSession.id).where(TrainingSession.cohort_id == cohort.id, theirs).limit(1)) is not None


def list_places(db: Session, cohort: Cohort) -> list[Place]:
    """Return who has a place in a cohort, by study ID."""
    rows = (
        select(Enrolment.id, Entrepreneur.id, Entrepreneur.study_id)
        .join(Entrepreneur, Entrepreneur.id == Enrolment.entrepreneur_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.stage.in_(WITH_A_PLACE))
    )
    return [Place(*row) for row in db.execute(rows.order_by(Entrepreneur.study_id))]


def get_place(db: Session, cohort: Cohort, number: int) -> Enrolment:
    """Return the enrolment of somebody who has a place in a cohort, or raise NotFound."""
    found = db.scalar(
        select(Enrolment).where(Enrolment.id == number, Enrolment.cohort_id == cohort.id, Enrolment.stage.in_(WITH_A_PLACE))
    )
    if found is None:
        raise NotFound(Message("Nobody of this cohort has this place."))
    return found


def list_rated(db: Session, cohort: Cohort, account: str, occasion: str) -> dict[int, dict[str, int]]:
    """Return how an account rated the people of a cohort on one occasion: by enrolment, then by trait."""
    rows = (
        select(TraitRating.enrolment_id, TraitRating.trait, TraitRating.rating)
        .join(Enrolment, Enrolment.id == TraitRating.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id, TraitRating.account == account, TraitRating.occasion == occasion)
    )
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for enrolment, trait, rating in db.execute(rows):
        found[enrolment][trait] = rating
    return dict(found)


def count_rated(db: Session, cohort: Cohort) -> dict[str, int]:
    """Return how many people of a cohort anybody has rated, by occasion."""
    rows = (
        select(TraitRating.occasion, TraitRating.enrolment_id)
        .join(Enrolment, Enrolment.id == TraitRating.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id)
        .distinct()
    )
    occasions = [occasion for occasion, _ in db.execute(rows)]
    return {occasion: occasions.count(occasion) for occasion in OCCASIONS}


def list_changes(db: Session, cohort: Cohort) -> dict[str, TraitChange]:
    """Return how each trait changed in a cohort, of whoever the same trainer rated at the start and at the end."""
    rows = (
        select(TraitRating)
        .join(Enrolment, Enrolment.id == TraitRating.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(TraitRating.id)
    )
    given: defaultdict[tuple[str, int, str], dict[str, int]] = defaultdict(dict)
    for row in db.scalars(rows):
        given[row.trait, row.enrolment_id, row.account][row.occasion] = row.rating
    both = [(key, rated["start"], rated["end"]) for key, rated in given.items() if len(rated) == len(OCCASIONS)]
    return {
        trait: measure_change((person, start, end) for (theirs, person, _), start, end in both if theirs == trait)
        for trait in TRAITS
    }
