"""Which client gets which event, without I/O."""
