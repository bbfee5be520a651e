"""What the server decides: synchronous, deterministic, without a clock, a socket or a disk.

Commands and time come in as arguments, effects go out as values (`effects`). `arena` is the front door; `floor` holds
what there is; `sessions`, `solo`, `watching` and `desk` each answer one kind of command. Nothing here may import
asyncio, time, random, os, socket, logging or a framework.
"""
