"""The audit log: rows that are only ever added, each sealed with the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE = (
    "CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is not rewritten'); END",
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit "
    "WHEN OLD.seq > (SELECT first FROM audit_head) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is not shortened'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'UPDATE' OR OLD.seq > (SELECT first FROM audit_head) THEN "
    "RAISE EXCEPTION 'the audit log is not rewritten'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False, index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.String(64), index=True),
        sa.Column("subject", sa.String(128), index=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("first_hash", sa.String(64), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"first": 0, "first_hash": "", "last": 0, "last_hash": ""}])
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
