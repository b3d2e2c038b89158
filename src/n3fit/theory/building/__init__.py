"""What only the builder of FK tables needs: convolutions, schemes, observables, the tables' files."""
