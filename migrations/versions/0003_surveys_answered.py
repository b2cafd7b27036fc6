"""Surveys: invitations, drafts, review, corrections, mappings of imports"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instrument_drafts",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("workbook", sa.LargeBinary(), nullable=False),
        sa.Column("workbook_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("xform", sa.String(), nullable=True),
        sa.Column("faults", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=20), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_drafts")),
    )
    with op.batch_alter_table("instrument_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instrument_drafts_code"), ["code"], unique=False)

    op.create_table(
        "import_mappings",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("instrument_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("saved_by", sa.String(length=20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_import_mappings_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint(
            "programme_id", "instrument_code", "name", name=op.f("uq_import_mappings_programme_id_instrument_code_name")
        ),
    )
    op.create_table(
        "survey_uploads",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.String(), nullable=False),
        sa.Column("suffix", sa.String(length=8), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=20), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_survey_uploads_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_uploads")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_uploads_key")),
    )
    with op.batch_alter_table("survey_uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_uploads_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_sealed", sa.String(), nullable=True),
        sa.Column("second_secret", sa.String(length=16), nullable=False),
        sa.Column("secret_index", sa.String(length=64), nullable=True),
        sa.Column("secret_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=8), nullable=True),
        sa.Column("created_by", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_invitations_closes_after_opens")),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_invitations_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_invitations_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sa.UniqueConstraint("wave_id", "entrepreneur_id", name=op.f("uq_invitations_wave_id_entrepreneur_id")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "wave_locks",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=20), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.String(length=20), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_wave_locks_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_locks")),
    )
    with op.batch_alter_table("wave_locks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wave_locks_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "invitation_messages",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_invitation_messages_invitation_id_invitations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_invitation_messages_key")),
    )
    with op.batch_alter_table("invitation_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_messages_invitation_id"), ["invitation_id"], unique=False)

    op.create_table(
        "screen_visits",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("screen", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_screen_visits_invitation_id_invitations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen_visits")),
    )
    with op.batch_alter_table("screen_visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screen_visits_invitation_id"), ["invitation_id"], unique=False)

    op.create_table(
        "survey_drafts",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("answers_sealed", sa.String(), nullable=False),
        sa.Column("screen", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("mode", sa.String(length=14), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name=op.f("fk_survey_drafts_instrument_id_instruments")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_survey_drafts_invitation_id_invitations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_drafts")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_survey_drafts_invitation_id")),
    )
    op.create_table(
        "back_checks",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_back_checks_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_checks")),
    )
    with op.batch_alter_table("back_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_back_checks_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "corrections",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("variable", sa.String(length=40), nullable=False),
        sa.Column("repeat_path", sa.String(length=120), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=20), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["survey_imports.id"], name=op.f("fk_corrections_import_id_survey_imports")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_corrections_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_corrections_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "quality_flags",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("variable", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.String(length=20), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_reason", sa.String(length=400), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_quality_flags_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_flags")),
        sa.UniqueConstraint("submission_id", "rule", "variable", name=op.f("uq_quality_flags_submission_id_rule_variable")),
    )
    op.create_table(
        "quality_rules",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("when", sa.String(length=24), nullable=False),
        sa.Column("expression", sa.String(), nullable=False),
        sa.Column("message_ko", sa.String(length=300), nullable=False),
        sa.Column("message_en", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_quality_rules_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_rules")),
        sa.UniqueConstraint("programme_id", "rule_id", name=op.f("uq_quality_rules_programme_id_rule_id")),
    )
    op.create_table(
        "review_steps",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=False),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_review_steps_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_steps")),
    )
    with op.batch_alter_table("review_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_steps_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "submission_queries",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("variable", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(length=20), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_queries_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_queries")),
    )
    with op.batch_alter_table("submission_queries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_queries_submission_id"), ["submission_id"], unique=False)

    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("repeat_path", sa.String(length=120), server_default="", nullable=False))
        batch_op.drop_constraint(batch_op.f("uq_answers_submission_id_variable"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_answers_submission_id_variable_repeat_path"), ["submission_id", "variable", "repeat_path"]
        )

    with op.batch_alter_table("instruments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("published_by", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("model", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("xform", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("workbook", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("workbook_name", sa.String(length=120), nullable=True))

    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instrument_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("receipt", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("account", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_unique_constraint(batch_op.f("uq_submissions_key"), ["key"])
        batch_op.create_unique_constraint(batch_op.f("uq_submissions_receipt"), ["receipt"])
        batch_op.create_foreign_key(
            batch_op.f("fk_submissions_instrument_id_instruments"), "instruments", ["instrument_id"], ["id"]
        )

    with op.batch_alter_table("survey_imports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("imported_by", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("source", sa.String(length=10), server_default="plain", nullable=False))
        batch_op.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.add_column(sa.Column("anchor", sa.String(length=12), server_default="calendar", nullable=False))
        batch_op.add_column(sa.Column("day_offset", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("offset_min", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("offset_max", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("arm", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("second_secret", sa.String(length=16), server_default="birth_year", nullable=False))
        batch_op.add_column(sa.Column("reminders", sa.String(length=60), server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.drop_column("reminders")
        batch_op.drop_column("second_secret")
        batch_op.drop_column("arm")
        batch_op.drop_column("offset_max")
        batch_op.drop_column("offset_min")
        batch_op.drop_column("day_offset")
        batch_op.drop_column("anchor")

    with op.batch_alter_table("survey_imports", schema=None) as batch_op:
        batch_op.drop_column("undone_at")
        batch_op.drop_column("source")
        batch_op.drop_column("imported_by")

    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submissions_instrument_id_instruments"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_submissions_receipt"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_submissions_key"), type_="unique")
        batch_op.drop_column("version")
        batch_op.drop_column("account")
        batch_op.drop_column("key")
        batch_op.drop_column("receipt")
        batch_op.drop_column("started_at")
        batch_op.drop_column("language")
        batch_op.drop_column("instrument_id")

    with op.batch_alter_table("instruments", schema=None) as batch_op:
        batch_op.drop_column("workbook_name")
        batch_op.drop_column("workbook")
        batch_op.drop_column("xform")
        batch_op.drop_column("model")
        batch_op.drop_column("published_by")

    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_answers_submission_id_variable_repeat_path"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_answers_submission_id_variable"), ["submission_id", "variable"])
        batch_op.drop_column("repeat_path")

    with op.batch_alter_table("submission_queries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_queries_submission_id"))

    op.drop_table("submission_queries")
    with op.batch_alter_table("review_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_steps_submission_id"))

    op.drop_table("quality_rules")
    op.drop_table("review_steps")
    op.drop_table("quality_flags")
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_corrections_submission_id"))
        batch_op.drop_index(batch_op.f("ix_corrections_import_id"))

    op.drop_table("corrections")
    with op.batch_alter_table("back_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_back_checks_submission_id"))

    op.drop_table("back_checks")
    op.drop_table("survey_drafts")
    with op.batch_alter_table("screen_visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screen_visits_invitation_id"))

    op.drop_table("screen_visits")
    with op.batch_alter_table("invitation_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_messages_invitation_id"))

    op.drop_table("invitation_messages")
    with op.batch_alter_table("wave_locks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wave_locks_wave_id"))

    op.drop_table("wave_locks")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_entrepreneur_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("survey_uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_uploads_wave_id"))

    op.drop_table("survey_uploads")
    op.drop_table("import_mappings")
    with op.batch_alter_table("instrument_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instrument_drafts_code"))

    op.drop_table("instrument_drafts")
