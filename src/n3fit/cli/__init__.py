"""The command ``n3fit``: parses the command line, calls :mod:`n3fit.api` and prints the result.

A command has the name of its function: ``n3fit next-runcard`` calls ``next_runcard``, and in a group
``n3fit pdf describe`` calls ``describe_pdf``. Options have the names of the arguments.
"""
