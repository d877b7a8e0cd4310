"""The emulated backend: accounts, cars, orders, offers and bills. It drives the PCM over MQTT only.

`records` is what it keeps, `people` what users do, `desk` what they buy, `inbox` what cars tell it, `links` who is
linked with a car, `depot` the packages and their signatures, `http` the server that cars fetch them from, `service` the
link that joins it all to the broker.
"""
