"""Image repositories, and caches of other registries."""
