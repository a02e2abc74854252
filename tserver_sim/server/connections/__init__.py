"""TCP connections of clients and of other T-Servers (Twisted)."""
