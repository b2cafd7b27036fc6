"""Blind double entry of paper forms and its adjudication"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_forms",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=True),
        sa.Column("differing", sa.Integer(), nullable=True),
        sa.Column("decisions_sealed", sa.String(), nullable=True),
        sa.Column("merged_by", sa.String(length=20), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"], ["entrepreneurs.id"], name=op.f("fk_paper_forms_entrepreneur_id_entrepreneurs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name=op.f("fk_paper_forms_instrument_id_instruments")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_paper_forms_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_paper_forms_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_forms")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_paper_forms_submission_id")),
        sa.UniqueConstraint("wave_id", "entrepreneur_id", name=op.f("uq_paper_forms_wave_id_entrepreneur_id")),
    )
    with op.batch_alter_table("paper_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_forms_entrepreneur_id"), ["entrepreneur_id"], unique=False)

    op.create_table(
        "paper_entries",
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=True),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("answers_sealed", sa.String(), nullable=False),
        sa.Column("screen", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("number in (1, 2)", name=op.f("ck_paper_entries_first_or_second")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["paper_forms.id"], name=op.f("fk_paper_entries_form_id_paper_forms"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["instrument_id"], ["instruments.id"], name=op.f("fk_paper_entries_instrument_id_instruments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_entries")),
        sa.UniqueConstraint("form_id", "account", name=op.f("uq_paper_entries_form_id_account")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_paper_entries_form_id_number")),
    )


def downgrade() -> None:
    op.drop_table("paper_entries")
    op.drop_table("paper_forms")
