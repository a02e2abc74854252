"""The HTTP control API of the simulator."""
