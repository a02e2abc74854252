"""Messages between T-Servers: what a connection offers, and ISCC between sites. No I/O."""
