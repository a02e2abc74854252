"""Extensions of the protocol, without I/O: acknowledged delivery and time synchronisation."""
