"""The distribution of events: which client receives which event. No I/O."""
