"""The draws of a programme as analyses replay them: the procedure, and what became of everyone's study ID since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.queries import resolve_people
from evalapp.people.tables import Entrepreneur
from evalapp.stats import AssignmentProcedure
from evalapp.training.assignment.queries import get_procedure, get_record, list_locked_draws
from evalapp.training.assignment.stored_procedure import rebuild


@dataclass(frozen=True)
class RecordedDraw:
    """One locked draw. `treated` says by study ID, as it is now, whether a place was drawn; `units` leads from there to the procedure's.

    Somebody who was erased keeps the study ID of the record, which leads to nobody's answers.
    """

    code: str
    procedure: AssignmentProcedure
    treated: Mapping[str, bool]
    units: Mapping[str, str]


def list_recorded_draws(db: Session, programme_id: int) -> list[RecordedDraw]:
    """Return the draws that stand in a programme."""
    found = []
    for assignment in list_locked_draws(db, programme_id):
        arms: Mapping[str, str] = get_record(assignment)["arms"]
        people = resolve_people(db, programme_id, arms)
        names = dict(
            db.execute(select(Entrepreneur.id, Entrepreneur.study_id).where(Entrepreneur.id.in_(set(people.values())))).all()
        )
        units = {names.get(people.get(unit, 0), unit): unit for unit in arms}
        if len(units) < len(arms):  # two records of a draw are one person now: each keeps the study ID it was drawn under
            units = {unit: unit for unit in arms}
        treated = {now: arms[unit] == "treatment" for now, unit in units.items()}
        found.append(RecordedDraw(assignment.code, rebuild(get_procedure(assignment)), treated, units))
    return found
