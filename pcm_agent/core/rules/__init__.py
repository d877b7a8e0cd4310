"""The rules between regions, as data. Each bears the requirement that it implements.

A condition says what must hold before data may be used, a package downloaded, a function installed or removed. A rule
says what one region's state makes happen in another. After every event the rules are applied until none raises
anything any more.
"""

from collections.abc import Mapping

from pcm_agent.core.rules import services
from pcm_agent.core.rules.data import DATA_RULES, WAY_CONDITIONS
from pcm_agent.core.rules.maps import MAP_RULES, MAP_UPDATE
from pcm_agent.core.rules.metadata import METADATA_CHECK, METADATA_RULES, PAUSE
from pcm_agent.core.rules.packages import DOWNLOAD, INSTALLATION, PACKAGE_RULES, REMOVAL, UPDATES
from pcm_agent.core.rules.personal import PERSONAL_NEWS, PERSONAL_RULES
from pcm_agent.core.rules.phone import CALL_OVER_SIM, PHONE_RULES
from pcm_agent.core.rules.remote import REMOTE, REMOTE_ACTIONS
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.rules.services import SERVICE

VEHICLE_RULES: tuple[Rule, ...] = (*PHONE_RULES, *DATA_RULES, *MAP_RULES, *METADATA_RULES, *PERSONAL_RULES)
"""Applied to the vehicle, in this order."""

VEHICLE_FACTS = (
    "ignition", "connection", "way", "cell", "roaming", "sim", "sim_country", "sim_keeps_data", "apn", "hotspot",
    "hotspot_phone", "hotspot_keeps_data", "way_order", "mobile_data_allowed", "roaming_allowed",
    "bluetooth", "carplay", "call", "phone", "calling_phone", "private_mode", "personal", "map_update",
    "map_over_mobile", "metadata", "look_interrupted",
)  # fmt: skip
"""All of the vehicle's state that its rules look at, but for what never changes."""

VEHICLE_TIMER = PAUSE
"""The timer of which its rules look whether it runs."""

JOB_RULES: tuple[Rule, ...] = (*PACKAGE_RULES,)
"""Applied to each package job, in this order."""

SERVICE_RULES: tuple[Rule, ...] = (*services.SERVICE_RULES,)
"""Applied to each service, in this order."""

CONDITIONS: Mapping[str, tuple[Condition, ...]] = {
    **{f"data over {way}": conditions for way, conditions in WAY_CONDITIONS.items()},
    "call over the inserted SIM": CALL_OVER_SIM,
    "download": DOWNLOAD,
    "installation": INSTALLATION,
    "removal": REMOVAL,
    "updates": UPDATES,
    "service": SERVICE,
    "personal news": PERSONAL_NEWS,
    "remote": REMOTE,
    **{f"remote {action}": conditions for action, conditions in REMOTE_ACTIONS.items()},
    "map update": MAP_UPDATE,
    "metadata check": METADATA_CHECK,
}
"""All tables of conditions, by what they guard."""
