"""Requests that respondents make themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "respondent_requests",
        sa.Column("study_id", sa.String(length=20), nullable=False),
        sa.Column("entrepreneur_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("details_sealed", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_respondent_requests_entrepreneur_id_entrepreneurs"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent_requests")),
    )
    with op.batch_alter_table("respondent_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_respondent_requests_entrepreneur_id"), ["entrepreneur_id"], unique=False)
        batch_op.create_index(
            "uq_respondent_requests_open",
            ["study_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "own_page_accesses",
        sa.Column("entrepreneur_id", sa.Integer(), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entrepreneur_id"],
            ["entrepreneurs.id"],
            name=op.f("fk_own_page_accesses_entrepreneur_id_entrepreneurs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_page_accesses")),
        sa.UniqueConstraint("entrepreneur_id", name=op.f("uq_own_page_accesses_entrepreneur_id")),
    )


def downgrade() -> None:
    op.drop_table("own_page_accesses")
    op.drop_table("respondent_requests")
