"""Why My Porsche, the store and support decline: every code with what it means, for the docs and for scenarios."""

from collections.abc import Mapping
from types import MappingProxyType

DECLINED: Mapping[str, str] = MappingProxyType({
    "account-deleted": "this Porsche ID was deleted",
    "account-unknown": "there is no such Porsche ID",
    "already-ordered": "the car has the function, or is about to have it",
    "already-revoked": "the order was revoked before",
    "bought-for-good": "it was bought for good and stays for the car's life (FOD-10)",
    "car-already-linked": "the car is linked, so that no pairing code is shown",
    "car-of-another": "the car is in another profile",
    "car-sold": "the car is not the buyer's any more, and the function stays with it (FOD-10)",
    "car-unknown": "the car is in nobody's profile",
    "equipment-missing": "it needs equipment that the car does not have",
    "hardware-unknown": "what is sold is not made for the car's hardware",
    "kind-not-sold": "it is not sold on these terms",
    "no-subscription": "it is no subscription",
    "not-active-yet": "it is not active in the car yet; the order can be cancelled",
    "not-for-car": "it does not exist for this kind of car (FOD-15)",
    "not-for-good": "only an order for good can be revoked (FOD-11)",
    "not-in-country": "it does not exist in the country where the car was sold (FOD-14)",
    "notice-given": "notice was given before",
    "notice-too-late": "the month ends within a day; it goes on to the next (FOD-12)",
    "order-closed": "the order is over, or active",
    "order-under-way": "the car is at work on it",
    "order-unknown": "nobody ordered it for this car",
    "password-wrong": "the account has another password",
    "release-differs": "there is another release of that version, with another length",
    "revocation-too-late": "the 14 days since the order are over (FOD-11)",
    "service-unknown": "nobody ordered this service for the car",
    "subscription-over": "it has ended",
    "term-over": "the term would end before it begins",
    "trial-used": "the car has had a trial of it before",
    "update-unknown": "there is no such online software update",
    "updates-not-enabled": "online software updates must first be enabled in My Porsche (FOD-15)",
    "user-unknown": "this Porsche ID is no additional user of the car",
})  # fmt: skip
