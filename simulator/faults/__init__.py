"""Faults of what lies around a car, virtual and live alike.

A line is what a way to data is like (`line`); `lines` knows the one of each way, and which is in use. A `pipe` is one
direction of it, a `carrier` both with the connections over it. `session` and `exchange` put MQTT and HTTP on a carrier
in virtual time, `relay` does so with real sockets; `uplink` is all that a car has of either.
Besides lines: `messages` that come twice, late or in another order, a `disk` that is full or slow, a `clock` that is
wrong. What ends altogether, broker, backend or PCM, the lab itself ends and starts again.
"""
