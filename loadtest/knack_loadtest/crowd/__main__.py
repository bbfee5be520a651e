"""`python -m knack_loadtest.crowd` is `crowd`."""

from knack_loadtest.crowd.cli import main

if __name__ == "__main__":
    main()
