"""Tones, muting and treatments."""
