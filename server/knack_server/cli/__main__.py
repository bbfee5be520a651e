"""`python -m knack_server.cli`, for where no script is installed."""

from knack_server.cli.commands import main

main()
