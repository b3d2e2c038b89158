"""The command ``n3fit``: it reads the command line, calls :mod:`n3fit.api` and prints."""
