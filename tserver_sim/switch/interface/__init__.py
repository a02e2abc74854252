"""What can be requested of a switch, as plain data, and the error with which it refuses."""
