"""Who looks: an account with its roles, as queries and pages ask it."""

from __future__ import annotations

from dataclasses import dataclass

from evalapp.accounts.permissions import EVERY_PROGRAMME, PERMISSIONS


@dataclass(frozen=True)
class Viewer:
    """A signed-in account: its row's id, its public code, the name to greet by, its roles and its language."""

    account_id: int
    code: str
    name: str
    roles: frozenset[str]
    language: str

    def may(self, permission: str) -> bool:
        """Say whether one of the roles carries a permission (a name in PERMISSIONS; another is a KeyError)."""
        return bool(self.roles & PERMISSIONS[permission])

    @property
    def sees_every_programme(self) -> bool:
        """Say whether membership is not asked of this account."""
        return bool(self.roles & EVERY_PROGRAMME)

    def role_for(self, permission: str) -> str:
        """Return the role that carries a permission, for the audit log."""
        return min(self.roles & PERMISSIONS[permission], default=min(self.roles, default=""))
