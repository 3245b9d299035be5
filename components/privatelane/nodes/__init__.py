"""What pods of an EKS cluster run on: managed and self-managed nodes, and Fargate."""
