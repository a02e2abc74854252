"""Handlers of client requests, and the sending of replies and events. No I/O."""
