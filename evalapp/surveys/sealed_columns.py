"""Every sealed column there is up to this stage, for a rotation of keys: those of people, and the links and drafts of surveys."""

from __future__ import annotations

from sqlalchemy import select

from evalapp.core.key_rotation.reseal import SealedColumn
from evalapp.people.sealed_columns import SEALED_COLUMNS as SEALED_OF_PEOPLE
from evalapp.surveys.answering.queries import draft_context
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.double_entry.queries import decisions_context
from evalapp.surveys.double_entry.tables import PaperEntry, PaperForm
from evalapp.surveys.double_entry.typed_form import entry_context
from evalapp.surveys.imports.keep_upload import upload_context
from evalapp.surveys.imports.tables import SurveyUpload
from evalapp.surveys.invitations.links import token_context
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.openrosa.kept_form import instance_context
from evalapp.surveys.openrosa.paradata import file_context
from evalapp.surveys.openrosa.tables import OpenRosaFile, OpenRosaInstance

SEALED_COLUMNS = (
    *SEALED_OF_PEOPLE,
    SealedColumn(Invitation.token_sealed, select(Invitation.id, Invitation.token_sealed, Invitation.id), token_context),
    SealedColumn(
        SurveyDraft.answers_sealed, select(SurveyDraft.id, SurveyDraft.answers_sealed, SurveyDraft.invitation_id), draft_context
    ),
    SealedColumn(
        SurveyUpload.content_sealed, select(SurveyUpload.id, SurveyUpload.content_sealed, SurveyUpload.key), upload_context
    ),
    SealedColumn(
        PaperEntry.answers_sealed,
        select(PaperEntry.id, PaperEntry.answers_sealed, PaperEntry.form_id, PaperEntry.number),
        entry_context,
    ),
    SealedColumn(PaperForm.decisions_sealed, select(PaperForm.id, PaperForm.decisions_sealed, PaperForm.id), decisions_context),
    SealedColumn(
        OpenRosaInstance.xml_sealed,
        select(OpenRosaInstance.id, OpenRosaInstance.xml_sealed, OpenRosaInstance.programme_id, OpenRosaInstance.instance_id),
        instance_context,
    ),
    SealedColumn(
        OpenRosaFile.content_sealed,
        select(OpenRosaFile.id, OpenRosaFile.content_sealed, OpenRosaFile.instance_id, OpenRosaFile.name),
        file_context,
    ),
)
