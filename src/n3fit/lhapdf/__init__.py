"""PDF sets in the LHAPDF format: reading, writing and checking."""
