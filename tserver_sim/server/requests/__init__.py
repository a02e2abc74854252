"""How a T-Server answers its clients' requests and sends events, without I/O."""
