"""Who may see a programme: added, ended, added again, each written down."""

from __future__ import annotations

from sqlalchemy import select

from evalapp.accounts.queries import get_account
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.core.audit.tables import AuditEntry
from evalapp.people.add_member import add_member, end_member
from evalapp.people.queries import list_memberships
from evalapp.people.tables import ProgrammeMember


def test_a_membership_begins_ends_and_begins_again_and_is_kept(db, programme):
    code = invite_account(db, "hana@example.org", "Kim Hana", ["trainer"]).code
    account = get_account(db, code)
    add_member(db, programme, code)
    add_member(db, programme, code)
    assert list_memberships(db) == {account.account_id: ["pi"]}
    end_member(db, programme, code)
    end_member(db, programme, code)
    assert list_memberships(db) == {}
    add_member(db, programme, code)
    rows = db.scalars(select(ProgrammeMember).order_by(ProgrammeMember.id)).all()
    assert [row.ended_at is None for row in rows] == [False, True]
    actions = [entry.action for entry in db.scalars(select(AuditEntry).order_by(AuditEntry.number)) if "member" in entry.action]
    assert actions == ["member_added", "member_ended", "member_added"]
