"""The HTML page of a fit."""

from n3fit.report.page import make_report

__all__ = ["make_report"]
