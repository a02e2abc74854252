"""Digits that can be sent as tones."""

TONES = frozenset("0123456789*#ABCD")
MAX_DIGITS = 128
"""How many are sent, or collected, at once."""
