"""Checks of the tables of a theory."""
