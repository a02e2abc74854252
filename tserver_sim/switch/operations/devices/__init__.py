"""Features of DNs, and what is done by control commands or by request."""
