"""Repeatable chance: the same seed, question and number give the same answer in every process."""

from hashlib import blake2b

_BYTES = 8


def chance(seed: int, question: str, number: int) -> float:
    """Return a number from 0 up to, but not, 1.

    Args:
        seed: the seed of the site file.
        question: the kind of question; the answers of two kinds are independent.
        number: the number of the question within its kind.

    """
    digest = blake2b(f"{seed} {question} {number}".encode(), digest_size=_BYTES).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
