"""The emulated backend: accounts, cars, orders, offers and bills. It drives the PCM over MQTT only.

`records` is what it keeps, `desk` what people do with it, `inbox` what cars tell it, `depot` the packages and their
signatures, `services` what else is sold for a car, `centre` the security operations centre, `http` the server that cars
fetch packages from, `service` the link that joins it all to the broker.
"""
