"""What the server's detectors are worth, measured on players of whom we know what they are.

`characters` are honest bots and cheats of several kinds, `playing` lets them play sprints on a made clock over lines that
delay and jitter, `halls` fills events with them, `judge` asks `knackpunkt flags` what it makes of their logs, and
`document` writes docs/detectors.md. `python -m knack_loadtest.detectors` does all of it; nothing here reads the server's
code.
"""
