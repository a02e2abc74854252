"""The configuration of a switch: its DNs, its profile, its routing rules."""
