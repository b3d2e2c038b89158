"""Fetching theories and PDF sets from servers, by the command of the user only."""

from n3fit.fetching.pdf_sets import fetch_pdf_set
from n3fit.fetching.resource import Fetched
from n3fit.fetching.theories import fetch_theory, list_remote_theories

__all__ = ["Fetched", "fetch_pdf_set", "fetch_theory", "list_remote_theories"]
