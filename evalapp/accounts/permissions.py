"""What each role may do: the one table that pages, commands and tests read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ROLES: Final = ("program_officer", "trainer", "interviewer", "analyst", "funder", "privacy_officer", "administrator")
OFFICER, TRAINER, INTERVIEWER, ANALYST, FUNDER, PRIVACY, ADMINISTRATOR = ROLES

# A permission reaches only programmes of which the account is a member, unless it is listed in EVERY_PROGRAMME.
PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "programme.view": frozenset({OFFICER, TRAINER, INTERVIEWER, ANALYST, PRIVACY}),
    "programme.create": frozenset({OFFICER}),
    "programme.manage": frozenset({OFFICER}),
    "people.view": frozenset({OFFICER, INTERVIEWER, PRIVACY}),
    "people.manage": frozenset({OFFICER}),
    "people.erase": frozenset({OFFICER, PRIVACY}),
    "people.merge": frozenset({OFFICER}),
    "identity.reveal": frozenset({OFFICER, INTERVIEWER, PRIVACY}),
    "identity.write": frozenset({OFFICER}),
    "identity.export": frozenset({OFFICER}),
    "identity.allow_export": frozenset({PRIVACY}),
    "contact.record": frozenset({OFFICER, INTERVIEWER}),
    "consent.record": frozenset({OFFICER, INTERVIEWER}),
    "instrument.view": frozenset({OFFICER, ANALYST}),
    "instrument.manage": frozenset({OFFICER}),
    "interview.hold": frozenset({OFFICER, INTERVIEWER}),
    "cohort.view": frozenset({OFFICER, TRAINER, ANALYST}),
    "cohort.manage": frozenset({OFFICER}),
    "training.view": frozenset({OFFICER, ANALYST}),
    "attendance.mark": frozenset({OFFICER, TRAINER}),
    "fidelity.record": frozenset({OFFICER, TRAINER}),
    "calendar.subscribe": frozenset({TRAINER}),
    "assignment.view": frozenset({OFFICER, ANALYST}),
    "assignment.manage": frozenset({OFFICER}),
    "wave.view": frozenset({OFFICER, ANALYST}),
    "wave.manage": frozenset({OFFICER}),
    "survey.import": frozenset({OFFICER}),
    "submission.view": frozenset({OFFICER, ANALYST}),
    "submission.review": frozenset({OFFICER}),
    "submission.correct": frozenset({OFFICER}),
    "query.reply": frozenset({OFFICER, INTERVIEWER}),
    "wave.lock": frozenset({OFFICER}),
    "run.start": frozenset({OFFICER, ANALYST}),
    "run.view": frozenset({OFFICER, ANALYST}),
    "report.compose": frozenset({OFFICER, ANALYST}),
    "report.view_any": frozenset({OFFICER, ANALYST}),
    "report.release": frozenset({OFFICER}),
    "report.view_released": frozenset({OFFICER, ANALYST, FUNDER}),
    "microdata.view": frozenset({OFFICER, ANALYST, PRIVACY}),
    "microdata.release": frozenset({ANALYST}),
    "audit.review": frozenset({PRIVACY, ADMINISTRATOR}),
    "retention.manage": frozenset({PRIVACY}),
    "request.handle": frozenset({PRIVACY}),
    "account.manage": frozenset({ADMINISTRATOR}),
}
EVERY_PROGRAMME: Final = frozenset({PRIVACY})
SECOND_FACTOR_ROLES: Final = frozenset({OFFICER, INTERVIEWER, ANALYST, PRIVACY, ADMINISTRATOR})
