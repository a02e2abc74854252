"""Numbers: the dial plan, trunk groups, locations, and the ids of calls."""
