"""Every sealed column there is, with the context of its texts: what a rotation of keys has to go through.

A test compares this list with the tables, so that a new sealed column cannot be left behind on an old key.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from evalapp.accounts.tables import Account
from evalapp.core.key_rotation.reseal import SealedColumn
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.rights.queries import details_context
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.sealed_fields import identity_context
from evalapp.people.vault.tables import IdentityField


def _of_account(column: InstrumentedAttribute[Any], field: str) -> SealedColumn:
    return SealedColumn(column, select(Account.id, column, Account.code), f"account:{{}}:{field}".format)


SEALED_COLUMNS = (
    _of_account(Account.email_sealed, "email"),
    _of_account(Account.name_sealed, "name"),
    _of_account(Account.totp_sealed, "totp"),
    SealedColumn(
        IdentityField.sealed,
        select(
            IdentityField.id, IdentityField.sealed, Entrepreneur.study_id, IdentityField.field, IdentityField.enterprise_id
        ).join(Entrepreneur, Entrepreneur.id == IdentityField.entrepreneur_id),
        identity_context,
    ),
    SealedColumn(
        RespondentRequest.details_sealed,
        select(RespondentRequest.id, RespondentRequest.details_sealed, RespondentRequest.id),
        details_context,
    ),
    SealedColumn(
        ContactAttempt.note_sealed, select(ContactAttempt.id, ContactAttempt.note_sealed, ContactAttempt.key), "contact:{}".format
    ),
)
