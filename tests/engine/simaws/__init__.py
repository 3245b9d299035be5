"""A simulated AWS for the Pulumi engine: a provider whose real protocol ends in a moto account."""
