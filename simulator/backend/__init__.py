"""The emulated backend: accounts, cars, orders, offers and bills. It drives the PCM over MQTT only.

`records` is what it keeps, `desk` what people do with it, `inbox` what cars tell it, `depot` the packages and their
signatures, `http` the server that cars fetch them from, `service` the link that joins it all to the broker.
"""
