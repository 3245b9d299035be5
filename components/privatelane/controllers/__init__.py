"""What controllers in an EKS cluster need of AWS before they are installed."""
