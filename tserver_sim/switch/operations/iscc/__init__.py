"""ISCC: calls between sites, with their access numbers, legs and outcomes."""
