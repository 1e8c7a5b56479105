"""Alembic's entry: runs the steps on the connection that `kb.state` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
