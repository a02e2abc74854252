"""Calls between sites: access numbers, legs and their outcomes."""
