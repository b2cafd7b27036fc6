"""What roles, states and the history of an account are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

ROLE_NAMES: Final[Mapping[str, Message]] = {
    "program_officer": Message("Programme officer"),
    "trainer": Message("Trainer"),
    "interviewer": Message("Interviewer"),
    "analyst": Message("Analyst"),
    "funder": Message("Funder"),
    "privacy_officer": Message("Privacy officer"),
    "administrator": Message("Administrator"),
}
ROLE_TASKS: Final[Mapping[str, Message]] = {
    "program_officer": Message("runs a programme: people, waves, cohorts, reports"),
    "trainer": Message("records attendance of their own cohorts"),
    "interviewer": Message("reaches people and records their answers"),
    "analyst": Message("plans and runs the analysis, without identities"),
    "funder": Message("reads released reports"),
    "privacy_officer": Message("allows exports, reviews access, handles erasure"),
    "administrator": Message("manages accounts and roles"),
}
STATE_NAMES: Final[Mapping[str, Message]] = {
    "invited": Message("invited"),
    "active": Message("active"),
    "suspended": Message("suspended"),
}
STATE_TONES: Final[Mapping[str, str]] = {"invited": "info", "active": "good", "suspended": "bad"}
ACTION_NAMES: Final[Mapping[str, Message]] = {
    "account_invited": Message("Invited"),
    "account_locked": Message("Locked after too many failures"),
    "account_suspended": Message("Suspended"),
    "account_reactivated": Message("Reactivated"),
    "language_changed": Message("Language changed"),
    "link_accepted": Message("Password chosen by link"),
    "link_issued": Message("New link issued"),
    "member_added": Message("Added to a programme"),
    "member_ended": Message("Removed from a programme"),
    "password_changed": Message("Password changed"),
    "password_confirmed": Message("Password entered again"),
    "password_refused": Message("Wrong password when asked again"),
    "recovery_code_used": Message("Recovery code used"),
    "recovery_codes_renewed": Message("New recovery codes made"),
    "role_granted": Message("Role given"),
    "role_revoked": Message("Role taken away"),
    "second_factor_failed": Message("Wrong code"),
    "second_factor_given": Message("Code given"),
    "second_factor_reset": Message("Authenticator removed by an administrator"),
    "second_factor_set_up": Message("Authenticator set up"),
    "sign_in_failed": Message("Sign-in failed"),
    "sign_in_opened": Message("Password right, sign-in opened"),
    "sign_in_ended": Message("Signed out"),
    "sign_ins_ended": Message("Other sign-ins ended"),
}
