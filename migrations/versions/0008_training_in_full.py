"""Training in full: curricula, stages, assignment, schedules, marks from devices, fidelity"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_days",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_closed_days_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_days")),
        sa.UniqueConstraint("programme_id", "closed_on", name=op.f("uq_closed_days_programme_id_closed_on")),
    )
    op.create_table(
        "modules",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_ko", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("principle", sa.String(length=20), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("materials_version", sa.String(length=40), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_modules_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modules")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_modules_programme_id_code")),
    )
    op.create_table(
        "assignments",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("criteria", sa.String(length=1000), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("treatment_cohort_id", sa.Integer(), nullable=True),
        sa.Column("control_cohort_id", sa.Integer(), nullable=True),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("procedure_sha256", sa.String(length=64), nullable=True),
        sa.Column("pool_sha256", sa.String(length=64), nullable=True),
        sa.Column("pool_frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("software", sa.String(length=120), nullable=True),
        sa.Column("record", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_by", sa.String(length=20), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("replacement_reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'locked') = (locked_at is not null)", name=op.f("ck_assignments_locked_has_instant")),
        sa.CheckConstraint("(state = 'locked') = (record is not null)", name=op.f("ck_assignments_locked_has_record")),
        sa.ForeignKeyConstraint(["control_cohort_id"], ["cohorts.id"], name=op.f("fk_assignments_control_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_assignments_programme_id_programmes")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["assignments.id"], name=op.f("fk_assignments_replaced_by_id_assignments")),
        sa.ForeignKeyConstraint(["treatment_cohort_id"], ["cohorts.id"], name=op.f("fk_assignments_treatment_cohort_id_cohorts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_assignments_programme_id_code")),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainers.id"], name=op.f("fk_calendar_feeds_trainer_id_trainers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_calendar_feeds_token_sha256")),
    )
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feeds_trainer_id"), ["trainer_id"], unique=False)

    op.create_table(
        "module_items",
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text_ko", sa.String(length=300), nullable=False),
        sa.Column("text_en", sa.String(length=300), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["module_id"], ["modules.id"], name=op.f("fk_module_items_module_id_modules"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_module_items")),
        sa.UniqueConstraint("module_id", "code", name=op.f("uq_module_items_module_id_code")),
    )
    op.create_table(
        "assignment_members",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("is_eligible", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("stratum", sa.String(length=120), nullable=False),
        sa.Column("cluster", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("arm", sa.String(length=12), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_members_assignment_id_assignments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_assignment_members_entrepreneur_id_entrepreneurs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_members")),
        sa.UniqueConstraint("assignment_id", "entrepreneur_id", name=op.f("uq_assignment_members_assignment_id_entrepreneur_id")),
    )
    with op.batch_alter_table("assignment_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_members_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "assignment_records",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_records_assignment_id_assignments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_records")),
        sa.UniqueConstraint("assignment_id", "language", name=op.f("uq_assignment_records_assignment_id_language")),
    )
    with op.batch_alter_table("assignment_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_records_sha256"), ["sha256"], unique=False)

    op.create_table(
        "attendance_taps",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("tapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_attendance_taps_entrepreneur_id_entrepreneurs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_attendance_taps_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_taps")),
        sa.UniqueConstraint("key", name=op.f("uq_attendance_taps_key")),
    )
    with op.batch_alter_table("attendance_taps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_taps_entrepreneur_id"), ["entrepreneur_id"], unique=False)
        batch_op.create_index("ix_attendance_taps_person", ["session_id", "entrepreneur_id"], unique=False)

    op.create_table(
        "checklist_marks",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("was_delivered", sa.Boolean(), nullable=False),
        sa.Column("adaptation", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["module_items.id"], name=op.f("fk_checklist_marks_item_id_module_items")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_checklist_marks_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_marks")),
        sa.UniqueConstraint("session_id", "item_id", name=op.f("uq_checklist_marks_session_id_item_id")),
    )
    with op.batch_alter_table("checklist_marks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checklist_marks_item_id"), ["item_id"], unique=False)

    op.create_table(
        "enrolment_steps",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("from_stage", sa.String(length=12), nullable=True),
        sa.Column("to_stage", sa.String(length=12), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("stepped_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_enrolment_steps_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_enrolment_steps_enrolment_id_enrolments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_steps")),
    )
    with op.batch_alter_table("enrolment_steps", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_steps_enrolment", ["enrolment_id", "id"], unique=False)

    op.create_table(
        "homework",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("was_handed_in", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_homework_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_homework_session_id_sessions"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homework")),
        sa.UniqueConstraint("session_id", "entrepreneur_id", name=op.f("uq_homework_session_id_entrepreneur_id")),
    )
    with op.batch_alter_table("homework", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_homework_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "session_changes",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("before", sa.String(length=80), nullable=False),
        sa.Column("after", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_session_changes_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_changes")),
    )
    with op.batch_alter_table("session_changes", schema=None) as batch_op:
        batch_op.create_index("ix_session_changes_session", ["session_id", "id"], unique=False)

    op.create_table(
        "session_ratings",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("engagement", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("remark_sealed", sa.String(), nullable=True),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("engagement between 1 and 5 and quality between 1 and 5", name=op.f("ck_session_ratings_one_to_five")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_session_ratings_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_ratings")),
        sa.UniqueConstraint("session_id", "account", name=op.f("uq_session_ratings_session_id_account")),
    )
    op.create_table(
        "session_trainers",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_session_trainers_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainers.id"], name=op.f("fk_session_trainers_trainer_id_trainers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_trainers")),
        sa.UniqueConstraint("session_id", "trainer_id", name=op.f("uq_session_trainers_session_id_trainer_id")),
    )
    with op.batch_alter_table("session_trainers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_trainers_trainer_id"), ["trainer_id"], unique=False)

    op.create_table(
        "trait_ratings",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("trait", sa.String(length=20), nullable=False),
        sa.Column("occasion", sa.String(length=6), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("rating between 1 and 5", name=op.f("ck_trait_ratings_one_to_five")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_trait_ratings_enrolment_id_enrolments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trait_ratings")),
        sa.UniqueConstraint(
            "enrolment_id", "trait", "occasion", "account", name=op.f("uq_trait_ratings_enrolment_id_trait_occasion_account")
        ),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("recorded_by", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("note_sealed", sa.String(), nullable=True))

    with op.batch_alter_table("cohorts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_ko", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("name_en", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))

    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.alter_column("cohort_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("state_reason", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("make_up_of_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("materials_version", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("note_sealed", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sessions_make_up_of_id"), ["make_up_of_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_sessions_make_up_of_id_sessions"), "sessions", ["make_up_of_id"], ["id"])

    with op.batch_alter_table("trainers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("programme_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_trainers_programme_id_programmes"), "programmes", ["programme_id"], ["id"])
        batch_op.add_column(sa.Column("certified_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("certificate", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))

    # Whoever is in a cohort already got there by one step, of which nothing more is known.
    op.execute(
        "insert into enrolment_steps (enrolment_id, to_stage, cohort_id, stepped_on, reason, note, account, recorded_at) "
        "select e.id, e.stage, e.cohort_id, coalesce(e.stage_on, r.registered_on), 'imported', coalesce(e.reason, ''), 'migration', "
        "current_timestamp from enrolments e join registrations r "
        "on r.programme_id = e.programme_id and r.entrepreneur_id = e.entrepreneur_id order by e.id"
    )


def downgrade() -> None:
    with op.batch_alter_table("trainers", schema=None) as batch_op:
        batch_op.drop_column("left_on")
        batch_op.drop_column("certificate")
        batch_op.drop_column("certified_on")
        batch_op.drop_constraint(batch_op.f("fk_trainers_programme_id_programmes"), type_="foreignkey")
        batch_op.drop_column("programme_id")

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sessions_make_up_of_id_sessions"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_sessions_make_up_of_id"))
        batch_op.drop_column("note_sealed")
        batch_op.drop_column("materials_version")
        batch_op.drop_column("make_up_of_id")
        batch_op.drop_column("state_reason")
        batch_op.drop_column("place")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("began_at")
        batch_op.drop_column("starts_at")

    op.execute("delete from enrolments where cohort_id is null")  # before, everyone in the table had a cohort
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.alter_column("cohort_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("cohorts", schema=None) as batch_op:
        batch_op.drop_column("capacity")
        batch_op.drop_column("name_en")
        batch_op.drop_column("name_ko")

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_column("note_sealed")
        batch_op.drop_column("recorded_at")
        batch_op.drop_column("recorded_by")
        batch_op.drop_column("version")

    op.drop_table("trait_ratings")
    with op.batch_alter_table("session_trainers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_trainers_trainer_id"))

    op.drop_table("session_trainers")
    op.drop_table("session_ratings")
    with op.batch_alter_table("session_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_session_changes_session")

    op.drop_table("session_changes")
    with op.batch_alter_table("homework", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_homework_entrepreneur_id"))

    op.drop_table("homework")
    with op.batch_alter_table("enrolment_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_enrolment_steps_enrolment")

    op.drop_table("enrolment_steps")
    with op.batch_alter_table("checklist_marks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checklist_marks_item_id"))

    op.drop_table("checklist_marks")
    with op.batch_alter_table("attendance_taps", schema=None) as batch_op:
        batch_op.drop_index("ix_attendance_taps_person")
        batch_op.drop_index(batch_op.f("ix_attendance_taps_entrepreneur_id"))

    op.drop_table("attendance_taps")
    with op.batch_alter_table("assignment_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_members_entrepreneur_id"))

    op.drop_table("assignment_members")
    with op.batch_alter_table("assignment_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_records_sha256"))

    op.drop_table("assignment_records")
    op.drop_table("module_items")
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feeds_trainer_id"))

    op.drop_table("calendar_feeds")
    op.drop_table("assignments")
    op.drop_table("modules")
    op.drop_table("closed_days")
