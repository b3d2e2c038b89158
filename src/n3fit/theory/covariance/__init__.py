"""Covariance of the uncertainties of the theory: scales, alpha_s, incomplete orders, power corrections, the user's."""
