"""Staff for the demonstration programme: one account a role, each waiting behind its link to join."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from evalapp.accounts.contact_details import UnusableEmail
from evalapp.accounts.permissions import ROLES
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.people.add_member import add_member
from evalapp.people.queries import get_programme

SECOND_OFFICER = "second_program_officer"


def invite_demo_staff(db: Session, programme_code: str, language: str) -> Iterator[tuple[str, str]]:
    """Invite one member of staff a role, and a second officer to release what the first hands in; yield role and token to join.

    Whoever is invited already is left alone.
    """
    programme = get_programme(db, programme_code)
    for name in (*ROLES, SECOND_OFFICER):
        role = name.removeprefix("second_")
        try:
            invited = invite_account(
                db, f"{name.replace('_', '.')}@example.org", name.replace("_", " ").capitalize(), [role], language
            )
        except UnusableEmail:
            continue
        add_member(db, programme, invited.code)
        yield name, invited.token
