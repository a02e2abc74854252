"""Users, devices and contact centers, as administrators change them."""
