"""The whole chain: people, surveys, training, panel, analysis, reports"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entrepreneurs",
        sa.Column("study_id", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrepreneurs")),
        sa.UniqueConstraint("study_id", name=op.f("uq_entrepreneurs_study_id")),
    )
    op.create_table(
        "instruments",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruments")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_instruments_code_version")),
    )
    op.create_table(
        "programmes",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_ko", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("data_note_ko", sa.String(), nullable=False),
        sa.Column("data_note_en", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("code", name=op.f("uq_programmes_code")),
    )
    op.create_table(
        "trainers",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainers")),
        sa.UniqueConstraint("code", name=op.f("uq_trainers_code")),
    )
    op.create_table(
        "cohorts",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("arm", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("completion_share", sa.Double(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(arm = 'treatment') = (starts_on is not null)", name=op.f("ck_cohorts_treatment_has_start")),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_cohorts_ends_after_start")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_cohorts_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_cohorts_programme_id_code")),
    )
    op.create_table(
        "consents",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("withdrawn_on is null or withdrawn_on >= given_on", name=op.f("ck_consents_withdrawn_after_given")),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_consents_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_consents_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "programme_id",
            "entrepreneur_id",
            "purpose",
            "text_version",
            name=op.f("uq_consents_programme_id_entrepreneur_id_purpose_text_version"),
        ),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "enterprises",
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("industry", sa.String(length=40), nullable=True),
        sa.Column("start_year", sa.Integer(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_enterprises_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
    )
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.create_index(
            "uq_enterprises_current",
            ["entrepreneur_id"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "panel_snapshots",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_panel_snapshots_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_snapshots")),
        sa.UniqueConstraint("programme_id", "sha256", name=op.f("uq_panel_snapshots_programme_id_sha256")),
    )
    op.create_table(
        "plans",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("specification", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_plans_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("programme_id", "code", "version", name=op.f("uq_plans_programme_id_code_version")),
    )
    op.create_table(
        "registrations",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("recruitment_channel", sa.String(length=20), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_registrations_entrepreneur_id_entrepreneurs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_registrations_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("programme_id", "entrepreneur_id", name=op.f("uq_registrations_programme_id_entrepreneur_id")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registrations_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "study_id_aliases",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(length=60), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_study_id_aliases_entrepreneur_id_entrepreneurs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_study_id_aliases_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_id_aliases")),
        sa.UniqueConstraint("programme_id", "alias", name=op.f("uq_study_id_aliases_programme_id_alias")),
    )
    with op.batch_alter_table("study_id_aliases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_id_aliases_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "waves",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("label_ko", sa.String(length=80), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("survey_year", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_waves_closes_after_opens")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name=op.f("fk_waves_instrument_id_instruments")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_waves_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_waves_programme_id_code")),
        sa.UniqueConstraint("programme_id", "round", name=op.f("uq_waves_programme_id_round")),
    )
    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waves_instrument_id"), ["instrument_id"], unique=False)

    op.create_table(
        "enrolments",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("stage_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_enrolments_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_enrolments_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_enrolments_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("programme_id", "entrepreneur_id", name=op.f("uq_enrolments_programme_id_entrepreneur_id")),
    )
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolments_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolments_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("versions", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_runs_plan_id_plans")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["panel_snapshots.id"], name=op.f("fk_runs_snapshot_id_panel_snapshots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runs_snapshot_id"), ["snapshot_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("lead_trainer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("planned_minutes > 0", name=op.f("ck_sessions_some_minutes")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_sessions_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(["lead_trainer_id"], ["trainers.id"], name=op.f("fk_sessions_lead_trainer_id_trainers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("cohort_id", "number", name=op.f("uq_sessions_cohort_id_number")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_lead_trainer_id"), ["lead_trainer_id"], unique=False)

    op.create_table(
        "survey_imports",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_survey_imports_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_imports")),
        sa.UniqueConstraint("wave_id", "sha256", name=op.f("uq_survey_imports_wave_id_sha256")),
    )
    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_attendance_minutes_not_negative")),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_attendance_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_attendance_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_id", "entrepreneur_id", name=op.f("uq_attendance_session_id_entrepreneur_id")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "reports",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_reports_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("run_id", "language", "sha256", name=op.f("uq_reports_run_id_language_sha256")),
    )
    op.create_table(
        "result_rows",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(length=30), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("estimand", sa.String(length=30), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=False),
        sa.Column("subgroup", sa.String(length=40), nullable=False),
        sa.Column("statistic", sa.String(length=30), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("clusters", sa.Integer(), nullable=True),
        sa.Column("warning", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_result_rows_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_rows")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_result_rows_run_id_position")),
    )
    op.create_table(
        "submissions",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("mode", sa.String(length=14), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'rejected' or reason is not null", name=op.f("ck_submissions_rejected_with_reason")),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_submissions_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["import_id"], ["survey_imports.id"], name=op.f("fk_submissions_import_id_survey_imports")),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_submissions_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("wave_id", "entrepreneur_id", name=op.f("uq_submissions_wave_id_entrepreneur_id")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submissions_entrepreneur_id"), ["entrepreneur_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_import_id"), ["import_id"], unique=False)

    op.create_table(
        "answers",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("variable", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_answers_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("submission_id", "variable", name=op.f("uq_answers_submission_id_variable")),
    )


def downgrade() -> None:
    op.drop_table("answers")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_import_id"))
        batch_op.drop_index(batch_op.f("ix_submissions_entrepreneur_id"))

    op.drop_table("submissions")
    op.drop_table("result_rows")
    op.drop_table("reports")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_entrepreneur_id"))

    op.drop_table("attendance")
    op.drop_table("survey_imports")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_lead_trainer_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_snapshot_id"))
        batch_op.drop_index(batch_op.f("ix_runs_plan_id"))

    op.drop_table("runs")
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolments_entrepreneur_id"))
        batch_op.drop_index(batch_op.f("ix_enrolments_cohort_id"))

    op.drop_table("enrolments")
    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waves_instrument_id"))

    op.drop_table("waves")
    with op.batch_alter_table("study_id_aliases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_id_aliases_entrepreneur_id"))

    op.drop_table("study_id_aliases")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registrations_entrepreneur_id"))

    op.drop_table("registrations")
    op.drop_table("plans")
    op.drop_table("panel_snapshots")
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.drop_index("uq_enterprises_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current"))

    op.drop_table("enterprises")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_entrepreneur_id"))

    op.drop_table("consents")
    op.drop_table("cohorts")
    op.drop_table("trainers")
    op.drop_table("programmes")
    op.drop_table("instruments")
    op.drop_table("entrepreneurs")
