"""The realtime figures: the real server, started as a process and pinned to a core, beside what people would use instead.

One module a figure. Each figure's correctness is looked at first; a figure that is wrong is printed as WRONG and has no
number. What is measured is the CPU time of the server's process, children and threads included, for the same work.
"""
