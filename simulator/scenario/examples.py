"""Examples and words of the page about scenarios."""

from firmware_profiles import load_profile, profile_names

CAR = load_profile(profile_names()[-1])
"""The car of the examples."""
EXAMPLE = f"""\
version: 1
title: Private mode keeps a download waiting
car: {{profile: {CAR.name}, country: JP, language: ja}}
steps:
  - say: Somebody buys a function for the car.
    do: {{register: {{porsche_id: hanako@example.com, password: sakura-2026}}}}
  - do: {{ignition: "on"}}
  - do: {{radio: {{access: lte}}}}
  - expect: {{session: open}}
  - do: {{private_mode: "on"}}
  - do: {{order: {{function: power-steering-plus, size: 5 MB}}}}
  - never: {{package: {{function: power-steering-plus, state: downloading}}}}
    during: 10 min
  - do: {{private_mode: "off"}}
  - expect: {{package: {{function: power-steering-plus, state: waiting}}}}
    within: 1 min
"""
"""The scenario that stands first on the page."""

HEAD = f"""\
# Writing scenarios

Generated from `simulator/scenario/model/` by `simulator/scenario/reference.py`; do not edit.

A scenario is a YAML file that says what happens to a car, and what must come of it. `pcm-sim run my.pcm.yaml --virtual`
runs it, and `pcm-sim schema` prints the JSON Schema for your editor. The actions below are also those of `pcm-sim do`,
but for some of the [faults](#faults), which are for scenarios only.

```yaml
{EXAMPLE}```

Quotes around "on" and "off" are for editors that take them for true and false; pcm-sim reads them bare as well.
All that is wrong with a file is told at once, each with line, column and what may stand there, and nothing is run.
Every action and every expectation stands below; which functions and updates there are, and which cars have them, in
[functions](functions.md). `pcm-sim scenarios` lists scenarios with the rows that they prove, and `pcm-sim run --tag
TAG` runs those with a tag.
"""
DONE = """\
Exactly one key a step. `now` and `open` are the value where there is nothing to choose.
"""
MORE = f"""\
version: 1
title: Two cars of ${{user}} over ${{access}}
parameters: {{user: hanako@example.com, access: lte}}
matrix: {{access: [lte, 3g], country: [JP, DE]}}
cars:
  old: {{profile: {CAR.name}}}
  new: {{profile: {CAR.name}, country: DE}}
steps:
  - parallel:
      - - {{car: old, do: {{ignition: "on"}}}}
        - {{car: old, do: {{radio: {{access: "${{access}}"}}}}}}
        - {{car: old, expect: {{session: open}}}}
      - - {{car: new, do: {{ignition: "on"}}}}
        - {{car: new, do: {{wait: 1 min}}}}
  - repeat:
      times: 2
      steps:
        - {{car: old, do: {{private_mode: "on"}}}}
        - {{car: old, do: {{private_mode: "off"}}}}
  - do: {{radio: {{access: none}}}}
  - do: {{private_mode: "on"}}
  - expect: {{private_mode: "on"}}
    until: {{connection: disconnected}}
  - let: {{since: time, way: way}}
  - say: No data since ${{since}}, over ${{way}}.
"""
"""The scenario that shows what goes beyond one car and one list of steps."""
NAMES = """\
## Names

`${name}` stands for a value, anywhere in title, cars and steps. Alone it keeps the type of its value, inside of a
text it is text. Names come from `parameters`, from `matrix`, from the first car (`profile`, `country`, `language`),
from `with` where a scenario is included, and from `let`.

`let` takes what is found when nothing is under way: a key of `expect` that has one value, `time`, `pairing_code`
(the main user's), or a detail of a part, such as `order.power-steering-plus.bills`. Of what is counted since the
last `do`, such as `shown`, it takes the last. Where nothing is found, the step fails.
"""
FAULTS = """\
Only for scenarios are {}.
They are about what a scenario starts itself; `pcm-sim do` has none of it in its hands. The others work with it too.
"""
MATRIX = f"""\
## Matrix

The scenario is run once for each combination of the values: a cell, such as
`trip.pcm.yaml[profile={CAR.name},country=JP]`. A name is one of `parameters`, or `profile`, `country` or
`language`, which go into the first car where it says nothing of them, or `way`: a way to data. Cells that cannot
exist, such as an inserted SIM in a car without a slot, are left out and counted; whoever names one is told why
there is none. Besides, `way` gives `${{way}}` its value, and does nothing else: steps have to use it, as
`include: {{scenario: "online-over-${{way}}"}}` does. `pcm-sim run` takes `NAME[name=value,...]` with all of a cell's
values or some of them.
"""
LANES = """\
## Steps within steps

The lists of `parallel` go on at the same time: each runs until it waits, in their order, and time passes only while
all of them wait. What looks back to the last `do` looks at its own list. `repeat` and `include` stand for the steps
that they bring; `car`, if it stands beside them, is the car of those that name none. An included file may lack
`car`, and then can only be included.
"""
STORY = f"""\
from simulator.scenario.builder import Steps, Story
from simulator.scenario.model import CarPart, Do, Expect, Radio

story = Story("Twice across a border", car=CarPart(profile="{CAR.name}", country="JP"))
story.do(Do(ignition="on"), say="The driver sets off.")
border = Steps().do(Do(radio=Radio(access="lte", country="KR"))).do(Do(radio=Radio(access="lte", country="JP")))
story.repeat(2, border).expect(Expect(connection="connected"), within="1 min")
loaded = story.build()
"""
"""A scenario in Python."""
PYTHON = f"""\
## In Python

The same model, typed: what is wrong, and what fails, is told with its line of Python.

```python
{STORY}```
"""
EXPECTED = """\
All keys of a step together, at one moment. Without `within` they have 30 s to become true, on the car's clock.
`shown`, `cluster`, `refused`, `declined`, `updates`, `message` and `remote_reply` look back to the last `do`.
"""
UNITS = {
    "a time": ("`500 ms`, `30 s`, `10 min`, `2 h`, `28 d`", "with or without the blank"),
    "a size": ("`300 B`, `64 kB`, `40 MB`", "decimal; below 1 GB"),
    "a rate": ("`8 kbit/s`, `2 Mbit/s`", "decimal; of a `link`, each way"),
    "a latency": ("`300 ms`, `2 s`", "of a `link`, from a request to its answer; 4 s at most"),
    "a price": ("`249.00 EUR`", "two decimals and an ISO 4217 currency"),
    "an instant": ("`2027-03-01T00:00:00Z`", "ISO 8601 with its zone"),
}
SAMPLES: dict[str, object] = {
    "profile": CAR.name, "line": CAR.car.line, "model_year": 2021, "assume": {"my2021": "porsche-id"},
    "vin": "WP0ZZZY1ZPSA00001", "ssid": "Anna's phone", "phone": "Anna's phone", "name": "Anna's phone",
    "password": "a long password", "porsche_id": "max@example.com", "by": "max@example.com", "pin": "1234",
    "puk": "12345678", "new_pin": "4321", "code": "1234", "apn": "internet", "close_hotspot": "Anna's phone",
    "connect_phone": "Anna's phone", "leave_device": "Anna's phone", "pairing_code": "from-my-porsche",
    "key": "red key", "value": "low", "version": "2026.2", "days": 30, "battery": 40, "alarms": 1,
    "menu": ["Settings", "Updates"], "grant": "anna@example.com", "reset_security_code": "max@example.com",
    "delete_account": "max@example.com", "country": "JP", "size": "5 MB", "function": "power-steering-plus",
    "hotspots": ["Anna's phone"], "remote_reply": "done", "shown": "private-mode-on", "cluster": "service-mode-on",
    "refused": "no-sim-slot", "service": "real-time-traffic", "wait": "10 min", "agree_to": "power-steering-plus",
    "offer_again": "power-steering-plus", "cancel_order": "power-steering-plus",
    "end_subscription": "power-steering-plus", "give_notice": "power-steering-plus", "revoke": "power-steering-plus",
    "offer_update": "charging-planner", "updates_for_car": ["charging-planner"], "declined": "not-in-country",
    "metadata": "current", "attested": ["power-steering-plus"], "attack": "metadata-expired",
    "cancel_service": "real-time-traffic",
    "pairing_code_seen_in": ["start-page", "detail-view"],
    "equipment": ["wireless-carplay"], "requirements": ["CON-01"], "tags": ["roaming"], "title": "Across a border",
    "within": "1 min", "during": "1 h", "say": "The driver sets off.",
    "topic": "event/connection", "body": {"state": "connected"}, "message": {"topic": "event/connection"},
    "scenario": "sign-in.pcm.yaml", "with": {"user": "max@example.com"}, "times": 3, "car": "anna",
    "steps": [{"do": {"ignition": "on"}}], "repeat": {"times": 3, "steps": [{"do": {"ignition": "on"}}]},
    "parallel": [[{"do": {"ignition": "on"}}], [{"do": {"wait": "1 min"}}]], "let": {"user": "porsche_id"},
    "until": {"session": "open"}, "while": {"private_mode": "on"}, "parameters": {"access": "lte"},
    "matrix": {"country": ["JP", "DE"]}, "cars": {"anna": {"profile": CAR.name, "country": "JP"}},
    "latency": "300 ms", "rate": "64 kbit/s",
    "way_order": ["hotspot", "embedded-sim", "inserted-sim"],
}  # fmt: skip
"""Examples of values that are not one of a few words."""
