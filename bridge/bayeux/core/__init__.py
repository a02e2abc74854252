"""The rules of the Bayeux protocol, without I/O: messages and the time in, replies and held connects out."""
