"""What maintainers decide: rulings, wordings and replies, each with the clause and the text it was decided about."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    signed = (
        ("state", sa.String(16), False),
        ("signed_by", sa.Text(), False),
        ("signed_at", sa.String(32), False),
    )
    about = (
        ("clause", sa.String(64), False),
        ("sha256", sa.String(64), False),
        ("place", sa.Text(), False),
    )
    other = (
        ("other_clause", sa.String(64), True),
        ("other_sha256", sa.String(64), True),
        ("other_place", sa.Text(), True),
    )
    tables = {
        "rulings": (("kind", sa.String(16), False), *about, *other, ("question", sa.Text(), True),
                    ("because", sa.Text(), False), *signed),
        "asked_as": (*about, ("text", sa.Text(), False), *signed),
        "replies": (*about, ("text", sa.Text(), False), ("language", sa.String(35), False), ("tone", sa.Text(), False),
                    *signed),
    }  # fmt: skip
    for table, columns in tables.items():
        op.create_table(
            table,
            sa.Column("id", sa.String(32), primary_key=True),
            *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in columns),
        )
        op.create_index(f"ix_{table}_clause", table, ["clause"])
