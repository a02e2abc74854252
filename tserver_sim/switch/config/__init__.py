"""How a switch is set up: its DNs, its profile, its rules for routing."""
