"""ISCC: the messages that switches of different sites send each other about calls."""
