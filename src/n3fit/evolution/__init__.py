"""DGLAP evolution: kernels, grids of scales, and cached operators."""
