"""Checks of the files of a data set: everything that is wrong with it, at once."""
