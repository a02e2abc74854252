"""What T-Servers say to each other, without I/O."""
