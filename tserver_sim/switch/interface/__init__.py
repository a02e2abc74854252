"""What can be asked of a switch from outside, as plain data, and how it refuses."""
