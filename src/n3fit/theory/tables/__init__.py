"""Building of FK tables for deep-inelastic scattering from coefficient functions and evolution."""
