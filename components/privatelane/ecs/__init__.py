"""ECS on Fargate: clusters, services, and what their tasks consist of."""
