"""What the server does: sockets, timers, clocks, pages. No rules of the game: an `if` about a score is out of place.

`socket` is the edge of the WebSocket, `performer` carries out what the core asks for, `ticker` wakes it in time, `http`
answers everything else. `clock` is the only reader of clocks in the whole server.
"""
