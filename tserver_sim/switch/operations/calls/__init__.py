"""Making calls, and everything that changes who takes part in them."""
