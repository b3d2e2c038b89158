"""The fit folder: writing it, and reading it back."""
