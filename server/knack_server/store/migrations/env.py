"""What Alembic runs to migrate: the steps, on the connection and in the transaction that `opening` holds open."""

from alembic import context

from knack_server.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
