"""Training of replicas: arrays of the problem and settings in, weights and records out."""
