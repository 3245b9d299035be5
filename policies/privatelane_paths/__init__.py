"""The prover: facts of a network in, lanes and verdicts with their explanation out."""
