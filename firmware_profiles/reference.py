"""What is the same for all cars: texts, countries, services, how much data they use, and where the seeds disagree.

The `...Facts` structs are what stands in a file. The structs built on them add the name, and the source of every value
by its dotted key.
"""

from collections.abc import Mapping

from firmware_profiles.schema import Facts, Source
from firmware_profiles.vocabulary import Address, AtLeastOne, Count, CountryCode, Menu, Name, Percent, SeedLine, Text


class Translated(Facts, frozen=True, kw_only=True):
    """One text in Japanese, English and German."""

    ja: Text
    en: Text
    de: Text

    def in_(self, language: str) -> str:
        """The text in `ja`, `en` or `de`."""
        return {"ja": self.ja, "en": self.en, "de": self.de}[language]


class Label(Translated, frozen=True, kw_only=True):
    """What a menu entry says, by the id that profiles use; `sources` by language."""

    id: str
    sources: Mapping[str, Source]


class CountryFacts(Facts, frozen=True, kw_only=True):
    """What stands in the country file.

    Attributes:
        name: As the country is called in each language.
        support_address: The e-mail address of Porsche Connect support (A19 to A63).
        embedded_sim: Whether embedded SIMs have data here (A178).
        inserted_sim_calls: Whether one can call over the inserted SIM (A180, B79).
        hotspot: Whether a phone's hotspot may carry the car's data (A176, B139).
        wireless_carplay: Whether CarPlay may do without a cable (B149).
        functions_on_demand: Whether they are sold here (A232).
        security_code: Whether remote services need a security code besides the Porsche ID (A170).
        service_booking: Whether a service can be booked in My Porsche (A260).
        services_unavailable: Ids of the services that do not exist here (CON-07, A184).
        vin_check_digit: Whether position 9 of a VIN is a check digit.
    """

    name: Translated
    support_address: Address
    embedded_sim: bool
    inserted_sim_calls: bool
    hotspot: bool
    wireless_carplay: bool
    functions_on_demand: bool
    security_code: bool
    service_booking: bool
    services_unavailable: tuple[Name, ...]
    vin_check_digit: bool


class Country(CountryFacts, frozen=True, kw_only=True):
    """A country by its ISO 3166-1 alpha-2 code; `sources` by dotted key, such as "name.ja"."""

    code: CountryCode
    sources: Mapping[str, Source]


class ServiceFacts(Facts, frozen=True, kw_only=True):
    """What stands in the service file.

    Attributes:
        name: As the service is called in each language.
        needs_data: Whether it works only with a data connection.
        needs_link: Whether it works only in a car that is linked to a Porsche ID (IDN-06).
        remote: Whether it reaches into the car from outside, so that private mode and guests shut it out (PRV-01).
        switch: The setting that must be on besides, if any (CON-24).
    """

    name: Translated
    needs_data: bool
    needs_link: bool
    remote: bool
    switch: Menu | None = None


class Service(ServiceFacts, frozen=True, kw_only=True):
    """A Connect service by its id."""

    id: str
    sources: Mapping[str, Source]


class Rates(Facts, frozen=True, kw_only=True):
    """How much data each purpose takes, in bytes; a megabyte is a million of them."""

    traffic_bytes_per_km: Count
    navigation_bytes_per_km: Count
    music_bytes_per_hour: Count
    weather_bytes_per_day: Count
    passenger_bytes_per_hour: Count
    map_update_bytes: Count


class Life(Facts, frozen=True, kw_only=True):
    """How somebody drives who belongs to a band: how far, how fast on average, and for how much of it with music."""

    yearly_km: AtLeastOne
    average_kmh: AtLeastOne
    music_percent: Percent


class BandFacts(Facts, frozen=True, kw_only=True):
    """What the seeds say that a month takes (CON-29), and a life that is to take it.

    Attributes:
        yearly_km_from: The least that somebody in this band drives in a year.
        yearly_km_to: The most; None where there is no bound.
        monthly_bytes_from: The least that a typical month takes.
        monthly_bytes_to: The most.
        life: A typical one.
    """

    yearly_km_from: Count
    yearly_km_to: Count | None = None
    monthly_bytes_from: Count
    monthly_bytes_to: Count
    life: Life


class Band(BandFacts, frozen=True, kw_only=True):
    """A band of use by its name."""

    id: str
    sources: Mapping[str, Source]


class Usage(Facts, frozen=True, kw_only=True):
    """How much data cars use: bands in ascending order, and the rates that put typical lives into them."""

    rates: Rates
    rate_sources: Mapping[str, Source]
    bands: tuple[Band, ...]

    def month_of(self, life: Life) -> int:
        """Bytes that a month of such a life takes, without passengers and without map updates."""
        km = life.yearly_km / 12
        music_hours = km / life.average_kmh * life.music_percent / 100
        by_km = self.rates.traffic_bytes_per_km + self.rates.navigation_bytes_per_km
        return round(km * by_km + music_hours * self.rates.music_bytes_per_hour + 30 * self.rates.weather_bytes_per_day)


class Told(Facts, frozen=True, kw_only=True):
    """One side of a dispute: in words, with the lines that say so."""

    says: Text
    source: tuple[SeedLine, ...]


class DisputeFacts(Facts, frozen=True, kw_only=True):
    """What stands in the file of disputes; the readings are checked one by one."""

    question: Text
    default: Name
    readings: Mapping[str, Told]


class Dispute(DisputeFacts, frozen=True, kw_only=True):
    """A point on which the seeds disagree, by its id; `default` is the reading that profiles take by themselves."""

    id: str
