"""What both programs stand on: the loop, the clock, the logs and the reader of the site file."""
