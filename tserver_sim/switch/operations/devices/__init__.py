"""Features of DNs, control commands, and services that clients request."""
