"""What the server is held against, as small programs: one file each, as their authors' manuals would write it.

A program listens on a free port of 127.0.0.1 and prints `ready PORT`. It is started with an interpreter of its own, of an
environment that `knack_loadtest.bench.scratch` sets up; nobody imports it. None of them pings or compresses unless its
name says so, and those of Python run on uvloop: the stronger the peer, the more a ratio is worth.

What they speak: a binary message of a client beginning with `g` ("go") has one board frame sent to everybody who is
connected, `BOARD_BYTES` long, its first 8 bytes a number that counts up. `e` ("echo") has the message sent back, `s`
("snapshot") one of `SNAPSHOT_BYTES`.
"""
