"""A simulated T-Server with a telephone switch behind it."""
