"""Releases of de-identified microdata"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "microdata_releases",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("protection", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("variables", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sensitive_reason", sa.String(length=500), nullable=True),
        sa.Column("released_by", sa.String(length=20), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_microdata_releases_programme_id_programmes")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["panel_snapshots.id"], name=op.f("fk_microdata_releases_snapshot_id_panel_snapshots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_microdata_releases")),
    )
    with op.batch_alter_table("microdata_releases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_microdata_releases_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_microdata_releases_snapshot_id"), ["snapshot_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("microdata_releases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_microdata_releases_snapshot_id"))
        batch_op.drop_index(batch_op.f("ix_microdata_releases_programme_id"))
    op.drop_table("microdata_releases")
