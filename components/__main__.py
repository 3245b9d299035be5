"""Serves the components to the Pulumi engine."""

import sys

from pulumi.provider import main

from privatelane._plugin import Plugin

if __name__ == "__main__":
    main(Plugin(), sys.argv[1:])
