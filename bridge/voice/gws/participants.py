"""The other parties of a call as the API shows them: numbers, formatted by the rules of their countries.

Source: GWS v2, Call resource. The rules are those of the library `phonenumbers`. It is large, so it is loaded
with the first number that may be a public one.
"""

import functools
import re

from bridge.voice.gws.countries import country_names, regions_by_area_code
from bridge.voice.gws.resources import Country, Participant

CACHED_NUMBERS = 4096
"""How many formatted numbers are kept."""

_MAYBE_PUBLIC = re.compile(r"\+?[0-9][0-9 ().-]{5,30}[0-9]$")
"""The form of a number that may be public: seven digits at least, for shorter ones are DNs."""

NORTH_AMERICA = 1
"""The calling code of the countries whose area codes are known by name."""


@functools.lru_cache(maxsize=CACHED_NUMBERS)
def participant(number: str, country: str) -> Participant:
    """Return the party with this number, as it is shown in a country (an ISO code)."""
    public = _public_participant(number, country) if _MAYBE_PUBLIC.match(number) else None
    if public is not None:
        return public
    return Participant(e164_number="", formatted_phone_number=number, phone_number=number, digits=number)


def _public_participant(number: str, country: str) -> Participant | None:
    """Return the party with a public number; None if the number is not one."""
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
    """Return the state or province of a number; None where it is not known."""
    return regions_by_area_code().get(national_number[:3]) if calling_code == NORTH_AMERICA else None
