"""What holds for all tests."""

from tests.random_play import register_profiles

register_profiles()
