"""Flags for people: what in a run's log is unusual enough that a moderator should watch its replay.

From a log and the run's streams, and from nothing else: `played` walks the log, one module a noun measures it
(`think_times`, `reactions`, `lock_riding`, `best_moves`, `twins`, `links`, `leak`), `traits` holds what was measured,
`detectors` is the table of numbers, thresholds and innocent causes, `judging` holds a run against its cohort.

A flag decides nothing. Nothing here may void a run, hide a name or be seen by anybody but the desk.
"""
