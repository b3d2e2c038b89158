"""Fit ensembles of neural-network parton distribution functions, all Monte Carlo replicas at once.

The command line is ``n3fit``; the same functions are in :mod:`n3fit.api`. Importing this package loads neither a
deep-learning framework nor any data.
"""

__version__ = "0.1.0"
