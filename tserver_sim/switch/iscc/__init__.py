"""What switches of different sites say to each other about calls."""
