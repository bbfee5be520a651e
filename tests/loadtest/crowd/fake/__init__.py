"""A fake server for the tester's own tests: a real one, and before it a hop that does to frames what a script says."""
