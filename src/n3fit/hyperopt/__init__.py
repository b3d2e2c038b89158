"""Hyperparameter scans: folds of the data, losses of a trial, and the search."""
