"""Connections of clients and of other T-Servers (Twisted)."""
