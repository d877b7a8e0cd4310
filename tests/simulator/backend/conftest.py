import pytest

from tests.simulator.backend.office import MAX, PASSWORD, VIN, Office


@pytest.fixture
def office() -> Office:
    office = Office()
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    return office
