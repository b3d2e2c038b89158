"""What fits and PDF sets look like: figures, numbers, and the HTML page.

Modules are imported one by one, such as :mod:`n3fit.report.page`, since the drawing ones take a second to load.
"""
