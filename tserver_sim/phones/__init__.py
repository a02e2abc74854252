"""The telephones on the desks: who answers, and when."""
