"""A lab: one backend, and cars with a world around each, on ports that are live or virtual.

`lab` has the lab itself, `car` one car in it, `vins` its number, `means` what both are built on, and `passing` how
time passes there.
"""

from simulator.lab.car import LabCar
from simulator.lab.lab import Lab, Witness, running
from simulator.lab.means import START, Means, VirtualMeans, seeded_depot
from simulator.lab.vins import drawn_vin

__all__ = ["START", "Lab", "LabCar", "Means", "VirtualMeans", "Witness", "drawn_vin", "running", "seeded_depot"]
