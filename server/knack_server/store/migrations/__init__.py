"""How the schema came to be, step by step; Alembic runs the steps that a database has not seen."""
