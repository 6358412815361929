"""`python -m cli` is `muniment`."""

from cli.main import main

main()
