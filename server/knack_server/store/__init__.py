"""What the server remembers: every fact, once, in one database; nobody else writes to it.

`opening` opens a database and brings its schema up to date, `writer` commits facts in groups, `queries` reads, `export`
folds standings from the store alone. `recording` says which statement writes which fact, `schema` names every column,
`sqlite` is the one place that knows which database it is, `pen` holds the connection that writes.
"""
