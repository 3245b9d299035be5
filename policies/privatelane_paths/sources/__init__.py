"""Where facts come from. Every source turns what it reads into one `facts.Network`."""
