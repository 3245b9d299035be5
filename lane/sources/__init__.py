"""Sources that only `lane` has: the live account, and answers of it that somebody saved."""
