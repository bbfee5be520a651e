"""Networks, shaped in user space: between a client's line and its socket stands a `Way` that holds bytes up.

What a network does at a moment is drawn from the person's seed and that moment alone (`weather`), so it is the same for any
number of workers and whatever else is sent. TCP keeps order, so nothing overtakes, nothing is lost, and nothing comes twice:
loss on the air shows as a delay or a stall, and a dead line as silence. `profiles` is the table; `path` reckons when bytes
arrive; `wheel` wakes everything up with one timer a worker; `episodes` are what happens to a whole line now and then.
"""
