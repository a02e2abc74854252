"""The simulated telephones: which of them answer, and when."""
