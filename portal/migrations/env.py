"""Run the migrations of one database on the connection that `portal.databases` opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
