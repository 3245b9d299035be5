"""The account: moto's server on loopback, amended where AWS does something that moto does not."""
