"""The other parties of a call as the API shows them: numbers, written by the rules of their countries.

Source: GWS v2, Call resource. The rules are those of the library `phonenumbers`. It is large, so it is
loaded when the first number turns up that may be one of the world.
"""

import functools
import re

from bridge.voice.gws.countries import country_names, regions_by_area_code
from bridge.voice.gws.resources import Country, Participant

CACHED_NUMBERS = 4096
"""Of how many numbers it is remembered how they are written."""

_MAYBE_PUBLIC = re.compile(r"\+?[0-9][0-9 ().-]{5,30}[0-9]$")
"""What may be a number of the world: seven digits at least, for shorter ones are DNs."""

NORTH_AMERICA = 1
"""The calling code of the countries whose area codes are known by name."""


@functools.lru_cache(maxsize=CACHED_NUMBERS)
def participant(number: str, country: str) -> Participant:
    """Write the party with this number, as it is shown in a country (an ISO code)."""
    public = _public_participant(number, country) if _MAYBE_PUBLIC.match(number) else None
    if public is not None:
        return public
    return Participant(e164_number="", formatted_phone_number=number, phone_number=number, digits=number)


def _public_participant(number: str, country: str) -> Participant | None:
    """Write a number of the world; None if it is not one."""
    import phonenumbers  # noqa: PLC0415 (a tenth of a second at the start, for sites without such numbers)

    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    if region is None or not phonenumbers.is_valid_number(parsed):
        return None
    local = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return Participant(
        e164_number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        formatted_phone_number=local if region == country else international,
        phone_number=number,
        digits=number,
        local_phone_number=local,
        country=Country(
            name=country_names().get(region, region), code=region, calling_code=str(parsed.country_code)
        ),
        location=_location(parsed.country_code or 0, str(parsed.national_number)),
    )


def _location(calling_code: int, national_number: str) -> str | None:
    """Name the region of a number, where it is known."""
    return regions_by_area_code().get(national_number[:3]) if calling_code == NORTH_AMERICA else None
