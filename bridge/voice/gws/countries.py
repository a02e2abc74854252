"""The names of countries, and the regions of North American area codes, from `countries.json`.

Both are those of the library `phonenumbers`, in English; a test compares them. The library's own lists come
with the regions of all numbers of the world, which take seconds and some hundred megabytes to load. Cities
count as the region they are in.
"""

import functools
from collections.abc import Mapping
from importlib import resources

import msgspec


class _Countries(msgspec.Struct):
    """The file: ISO code -> name of the country, and name of the region -> its area codes."""

    countries: dict[str, str]
    north_american_area_codes: dict[str, str]


@functools.cache
def _read_countries() -> _Countries:
    content = resources.files(__package__).joinpath("countries.json").read_bytes()
    return msgspec.json.decode(content, type=_Countries)


def country_names() -> Mapping[str, str]:
    """Return the English name of each country that has numbers, by its ISO code."""
    return _read_countries().countries


@functools.cache
def regions_by_area_code() -> Mapping[str, str]:
    """Return the state or province of each area code of the calling code 1."""
    regions = _read_countries().north_american_area_codes
    return {code: region for region, codes in regions.items() for code in codes.split()}
