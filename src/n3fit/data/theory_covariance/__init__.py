"""Covariance of the uncertainties of the theory: scales, alpha_s, incomplete orders, power corrections, and any other.

Nothing is imported here: the modules depend on ``n3fit.theory``, which imports ``n3fit.data``.
"""
