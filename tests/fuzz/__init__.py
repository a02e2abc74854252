"""Mutated frames against the T-Server's port and against the link's input."""
