"""A simulated AWS for the Pulumi engine: a provider that speaks the real protocol to a moto account."""
