"""The network itself: a VPC, its endpoints and its flow logs."""
