"""Scenarios: who comes, when, what they do, and what is expected of the server.

`model` is a scenario as a value, `kinds` reads single values, `keys` is the table of all keys, `reading` turns a TOML file
into a scenario or into errors that name file, line and key, and `schema` prints the table as a JSON schema.
"""
