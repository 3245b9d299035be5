"""`lane`: shows which way container traffic takes to AWS, before anything is created and after."""

__version__ = "0.1.0"
