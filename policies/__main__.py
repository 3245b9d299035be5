"""Starts the policy pack: the Pulumi engine runs this file and reads the port it prints."""

from __future__ import annotations

from privatelane_rules._sdk import serve

if __name__ == "__main__":
    serve()
