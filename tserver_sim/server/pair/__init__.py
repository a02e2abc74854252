"""A pair of T-Servers in hot or warm standby: roles, replication, and deferred frames. No I/O."""
