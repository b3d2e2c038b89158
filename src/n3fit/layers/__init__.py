"""Physics as layers, written against ``n3fit.backends`` only."""
