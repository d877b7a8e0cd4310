"""The rules between regions, as data. Each bears the requirement that it implements.

A condition says what must hold before data may be used, a package downloaded, a function installed or removed. A rule
says what one region's state makes happen in another. After every event the rules are applied until none raises
anything any more.
"""

from collections.abc import Mapping

from pcm_agent.core.rules.data import DATA_RULES, WAY_CONDITIONS
from pcm_agent.core.rules.maps import MAP_RULES, MAP_UPDATE
from pcm_agent.core.rules.packages import DOWNLOAD, INSTALLATION, PACKAGE_RULES, REMOVAL
from pcm_agent.core.rules.rule import Condition, Rule

VEHICLE_RULES: tuple[Rule, ...] = (*DATA_RULES, *MAP_RULES)
"""Applied to the vehicle, in this order."""

JOB_RULES: tuple[Rule, ...] = (*PACKAGE_RULES,)
"""Applied to each package job, in this order."""

CONDITIONS: Mapping[str, tuple[Condition, ...]] = {
    **{f"data over {way}": conditions for way, conditions in WAY_CONDITIONS.items()},
    "download": DOWNLOAD,
    "installation": INSTALLATION,
    "removal": REMOVAL,
    "map update": MAP_UPDATE,
}
"""All tables of conditions, by what they guard."""
