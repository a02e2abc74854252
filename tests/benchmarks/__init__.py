"""The measurements behind `make bench`; README.md says what is measured and how to read it."""
