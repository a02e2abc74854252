"""From a T-Server event to state and notifications."""
