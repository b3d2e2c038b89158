"""Report of fits and PDF sets: figures, tables and the HTML page.

Import its modules one by one, such as :mod:`n3fit.report.page`: those that draw load matplotlib, which takes a second.
"""
