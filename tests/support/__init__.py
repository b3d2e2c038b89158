"""Helpers of the tests: small problems, imaginary fits and PDF sets, and closed forms."""
