"""Short forms of folded FK tables, certified on random PDFs, and the products that take the fewest operations."""
