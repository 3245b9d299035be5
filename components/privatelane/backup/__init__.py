"""Backups of an EKS cluster."""
