"""PDF models by name: the interface of a parametrisation, and those that are known.

Own models are registered by entry points of the group ``n3fit.pdf_models``, see ``docs/pdf_models.md``.
"""

from n3fit.pdf_models.interface import PDFModel

__all__ = ["PDFModel"]
