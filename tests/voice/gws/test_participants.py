"""The other parties of a call, as they are shown."""

import subprocess
import sys

import msgspec
import phonenumbers
import pytest
from phonenumbers import geocoder
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.geodata.locale import LOCALE_DATA

from bridge.voice.gws.countries import country_names, regions_by_area_code
from bridge.voice.gws.participants import participant


@pytest.mark.parametrize(
    "number",
    ["15000", "9100", "555-01", "anonymous", "", "sip:agent@example.com", "15002@Switch_B", "0000000"],
)
def test_what_is_no_number_of_the_world_is_shown_as_it_is(number: str) -> None:
    assert msgspec.to_builtins(participant(number, "US")) == {
        "e164Number": "",
        "formattedPhoneNumber": number,
        "phoneNumber": number,
        "digits": number,
    }


def test_a_national_number() -> None:
    assert msgspec.to_builtins(participant("9165550104", "US")) == {
        "e164Number": "+19165550104",
        "formattedPhoneNumber": "(916) 555-0104",
        "phoneNumber": "9165550104",
        "digits": "9165550104",
        "localPhoneNumber": "(916) 555-0104",
        "country": {"name": "United States", "code": "US", "callingCode": "1"},
        "location": "California",
    }


@pytest.mark.parametrize(
    ("number", "country", "e164", "formatted", "local", "code"),
    [
        ("+442079460123", "US", "+442079460123", "+44 20 7946 0123", "020 7946 0123", "GB"),
        ("02079460123", "GB", "+442079460123", "020 7946 0123", "020 7946 0123", "GB"),
        ("+19165550104", "DE", "+19165550104", "+1 916-555-0104", "(916) 555-0104", "US"),
        ("030 23125000", "DE", "+493023125000", "030 23125000", "030 23125000", "DE"),
    ],
)
def test_a_number_is_written_for_the_country_of_the_reader(
    number: str, country: str, e164: str, formatted: str, local: str, code: str
) -> None:
    shown = participant(number, country)
    assert (shown.e164_number, shown.formatted_phone_number, shown.local_phone_number) == (
        e164,
        formatted,
        local,
    )
    assert shown.country is not None
    assert shown.country.code == code
    assert shown.digits == number


def test_a_number_outside_north_america_has_no_location() -> None:
    assert participant("+442079460123", "US").location is None


def test_the_library_is_not_loaded_for_dns() -> None:
    program = (
        "import sys; from bridge.voice.gws.participants import participant; participant('15000', 'US');"
        "assert 'phonenumbers' not in sys.modules; participant('9165550104', 'US');"
        "assert 'phonenumbers' in sys.modules; assert 'phonenumbers.geodata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_our_area_codes_are_those_of_the_library() -> None:
    assert set(regions_by_area_code()) == {
        prefix[1:]
        for prefix, names in GEOCODE_DATA.items()
        if len(prefix) == 4 and prefix[0] == "1" and "en" in names
    }


def test_our_countries_are_those_of_the_library() -> None:
    assert set(country_names()) == phonenumbers.SUPPORTED_REGIONS & set(LOCALE_DATA)
    assert country_names()["US"] == geocoder.country_name_for_number(phonenumbers.parse("+19165550104"), "en")
