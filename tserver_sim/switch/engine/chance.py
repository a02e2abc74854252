"""Chance that can be repeated: the same seed and the same question give the same answer, everywhere."""

from hashlib import blake2b

_BYTES = 8


def chance(seed: int, question: str, number: int) -> float:
    """Return a number from 0 up to, but not, 1.

    Args:
        seed: that of the site file; another one makes another history.
        question: what is asked, so that two kinds of questions have nothing to do with each other.
        number: which of the questions of this kind it is.

    """
    digest = blake2b(f"{seed} {question} {number}".encode(), digest_size=_BYTES).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
