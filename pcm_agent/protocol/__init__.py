"""What the PCM and its backend say to each other over MQTT; pure, and the only code that both share.

`messages` holds the typed bodies, `envelope` the frame around each, `topics` where it is published,
`secret` the strings that never reach a log, `asyncapi` the published description of it all.
"""
