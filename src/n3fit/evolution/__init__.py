"""DGLAP evolution from the initial scale: operators, scales, and the LHAPDF set of a fit (:mod:`.evolve`)."""
