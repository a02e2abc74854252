"""The media of a call: DTMF, muting and treatments."""
