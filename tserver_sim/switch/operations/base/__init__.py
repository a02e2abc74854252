"""What all families of operations use: checks, routing look-up, who is in a call."""
