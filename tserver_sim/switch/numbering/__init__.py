"""Numbers: the dial plan, trunks, locations and ids of calls."""
