"""`report.html`: everything of a run in one file that asks nobody for anything. `page.report` makes it of a result."""
