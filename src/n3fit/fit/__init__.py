"""A complete fit: from the runcard to the record of the replicas."""
