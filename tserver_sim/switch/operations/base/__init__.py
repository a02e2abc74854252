"""What all families of operations use: checks, routing look-up, membership in a call."""
