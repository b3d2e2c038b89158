"""Kernels of the DGLAP evolution: anomalous dimensions, couplings, Mellin contour and operators."""

KERNELS_VERSION = 1
"""To be raised whenever an operator changes numerically: operators in the cache are keyed by it."""
