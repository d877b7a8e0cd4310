"""The vehicle as a pure function of events and time.

    vehicle = Vehicle.new("WP0ZZZY1ZPSA00001", profile, country)
    effects = vehicle.handle(IgnitionTurnedOn(), now)

Events are what happened, effects what is to be done; a refusal is an effect too. The caller performs the effects and
feeds what comes of them back as events. Nothing here reads a clock, a file or a socket.
"""
