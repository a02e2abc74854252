"""The HTTP control API of the simulator: clock, phones, calls from outside, pairs."""
