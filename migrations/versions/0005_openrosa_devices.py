"""Devices and submissions of OpenRosa clients"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("form_faults", sa.String(), nullable=True))

    op.create_table(
        "openrosa_devices",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("username", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(length=20), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_openrosa_devices_programme_id_programmes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openrosa_devices")),
        sa.UniqueConstraint("username", name=op.f("uq_openrosa_devices_username")),
    )
    with op.batch_alter_table("openrosa_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_openrosa_devices_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "openrosa_instances",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("instance_id", sa.String(length=249), nullable=False),
        sa.Column("root_id", sa.String(length=249), nullable=False),
        sa.Column("deprecated_id", sa.String(length=249), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("xml_sealed", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'rejected' or reason is not null", name=op.f("ck_openrosa_instances_rejected_with_reason")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["openrosa_devices.id"], name=op.f("fk_openrosa_instances_device_id_openrosa_devices")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instruments.id"], name=op.f("fk_openrosa_instances_instrument_id_instruments")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_openrosa_instances_programme_id_programmes")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_openrosa_instances_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_openrosa_instances_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openrosa_instances")),
        sa.UniqueConstraint("programme_id", "instance_id", name=op.f("uq_openrosa_instances_programme_id_instance_id")),
    )
    with op.batch_alter_table("openrosa_instances", schema=None) as batch_op:
        for column in ("device_id", "wave_id", "submission_id"):
            batch_op.create_index(batch_op.f(f"ix_openrosa_instances_{column}"), [column], unique=False)

    op.create_table(
        "openrosa_files",
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content_sealed", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["openrosa_instances.id"],
            name=op.f("fk_openrosa_files_instance_id_openrosa_instances"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openrosa_files")),
        sa.UniqueConstraint("instance_id", "name", name=op.f("uq_openrosa_files_instance_id_name")),
    )


def downgrade() -> None:
    op.drop_table("openrosa_files")
    op.drop_table("openrosa_instances")
    op.drop_table("openrosa_devices")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_column("form_faults")
        batch_op.drop_column("finished_at")
