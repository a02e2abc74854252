"""A pair of T-Servers in hot or warm standby, without I/O."""
