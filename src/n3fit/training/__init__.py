"""The fit itself: from data and theory to trained replicas."""
