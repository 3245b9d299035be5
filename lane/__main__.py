"""`python -m lane` is `lane`."""

from lane.cli import main

main()
