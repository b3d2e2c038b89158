"""Replicas and trials on many processes and machines."""
