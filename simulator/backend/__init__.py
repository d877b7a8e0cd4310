"""The emulated backend: accounts, cars, orders, offers and bills. It drives the PCM over MQTT only.

`records` is what it keeps, `people` what users do, `desk` what they buy, `catalogue` what is sold for which cars,
`orders` which may be placed and how they stand, `subscriptions` what months bring, by the calendar of `terms` and with
`bills`, `updates` the online software updates, `declined` why one is sent away, `services` what else is sold for a car,
`inbox` what cars tell it, `links` who is linked with a car, `centre` the security operations centre, `depot` the
packages and their signatures, `http` the server that cars fetch them from, `service` the link that joins it all to the
broker.
"""
