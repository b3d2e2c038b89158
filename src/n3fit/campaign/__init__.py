"""Campaigns: many fits as one graph that goes on where it was interrupted, with one table and one page."""
