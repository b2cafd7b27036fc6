"""Rate the personal initiative of people at the start and at the end of their training, without a look at the start when it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.fidelity.tables import HIGHEST, LOWEST, TRAITS, TraitRating
from evalapp.training.tables import Cohort, Enrolment

DAYS_AROUND = dt.timedelta(days=14)
UNKNOWN_LENGTH = dt.timedelta(days=28)


class RefusedTraits(AppError):  # noqa: N818 - what it is, in words
    """Ratings were refused, each trait with a message; nothing was written."""

    def __init__(self, faults: Mapping[str, Message]) -> None:
        self.faults = dict(faults)
        super().__init__(next(iter(self.faults.values())))


def find_window(cohort: Cohort, occasion: str) -> tuple[dt.date, dt.date] | None:
    """Return from which day to which ratings of an occasion are taken; None where a cohort has no training.

    The start closes at half the training, and the end opens on the day after. So nobody who rates the end can look at the start.
    """
    if cohort.starts_on is None:
        return None
    ends_on = cohort.ends_on or cohort.starts_on + UNKNOWN_LENGTH
    half = cohort.starts_on + (ends_on - cohort.starts_on) // 2
    if occasion == "start":
        return cohort.starts_on - DAYS_AROUND, half
    return half + dt.timedelta(days=1), ends_on + DAYS_AROUND


def find_occasion(cohort: Cohort, on: dt.date) -> str | None:
    """Return the occasion for which ratings are taken on a day, or None."""
    for occasion in ("start", "end"):
        window = find_window(cohort, occasion)
        if window and window[0] <= on <= window[1]:
            return occasion
    return None


def rate_traits(db: Session, cohort: Cohort, enrolment: Enrolment, occasion: str, ratings: Mapping[str, int | None]) -> bool:
    """Keep how the one who acts rates somebody's traits; return whether it changed anything. All traits are rated, or none."""
    if find_occasion(cohort, today()) != occasion:
        raise AppError(Message("These ratings are not taken today."))
    faults = {
        trait: Message("Choose a number from %(low)s to %(high)s.", low=LOWEST, high=HIGHEST)
        for trait in TRAITS
        if not LOWEST <= (ratings.get(trait) or 0) <= HIGHEST
    }
    if faults:
        raise RefusedTraits(faults)
    account = actor_of(db).account
    own = TraitRating.enrolment_id == enrolment.id, TraitRating.occasion == occasion, TraitRating.account == account
    db.scalar(select(Enrolment).where(Enrolment.id == enrolment.id).with_for_update())
    known = {row.trait: row for row in db.scalars(select(TraitRating).where(*own))}
    changed = [trait for trait in TRAITS if trait not in known or known[trait].rating != ratings[trait]]
    for trait in changed:
        row = known.get(trait) or TraitRating(enrolment_id=enrolment.id, trait=trait, occasion=occasion, account=account)
        row.rating, row.rated_at = ratings[trait] or 0, now()
        db.add(row)
    db.flush()
    if changed:
        # Which number was given stays out of the log: whoever reads it could know the start before rating the end.
        record_entry(db, "traits_rated", "enrolment", enrolment.id, after={"occasion": occasion, "traits": changed})
    return bool(changed)
