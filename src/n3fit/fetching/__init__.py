"""Fetching theories and PDF sets from servers, by the command of the user only."""

from n3fit.fetching.resource import Fetched

__all__ = ["Fetched"]
