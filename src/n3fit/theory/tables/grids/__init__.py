"""FK tables from PineAPPL grids: coefficient functions on grids, combined with the evolution of a theory card."""
