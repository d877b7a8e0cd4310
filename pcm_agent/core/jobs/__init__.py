"""What guards and actions of a package job are made of; the table stands in `pcm_agent.core.regions.package`.

`job` is what all of it needs, `transfer` the download, `installation` what follows once the car is left.
"""
