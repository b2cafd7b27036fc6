"""Every sealed column there is up to this stage, for a rotation of keys: those of people, and the links and drafts of surveys."""

from __future__ import annotations

from sqlalchemy import select

from evalapp.core.key_rotation.reseal import SealedColumn
from evalapp.people.sealed_columns import SEALED_COLUMNS as SEALED_OF_PEOPLE
from evalapp.surveys.answering.queries import draft_context
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.imports.keep_upload import upload_context
from evalapp.surveys.imports.tables import SurveyUpload
from evalapp.surveys.invitations.links import token_context
from evalapp.surveys.invitations.tables import Invitation

SEALED_COLUMNS = (
    *SEALED_OF_PEOPLE,
    SealedColumn(Invitation.token_sealed, select(Invitation.id, Invitation.token_sealed, Invitation.id), token_context),
    SealedColumn(
        SurveyDraft.answers_sealed, select(SurveyDraft.id, SurveyDraft.answers_sealed, SurveyDraft.invitation_id), draft_context
    ),
    SealedColumn(
        SurveyUpload.content_sealed, select(SurveyUpload.id, SurveyUpload.content_sealed, SurveyUpload.key), upload_context
    ),
)
