"""EKS clusters: the control plane and its add-ons."""
