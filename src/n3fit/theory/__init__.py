"""Theory cards, FK tables and the operations between them, evolution operators, and building tables."""
