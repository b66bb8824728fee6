"""The commands that set up the airlines and their months, one JSON document a line.

    commands.py organisation AIRLINES.csv > organisation.ndjson
    commands.py months TARGETS.csv 2013-01 2013-02 > months.ndjson

Every command has an id, so that running them again changes nothing.
"""

import csv
import json
import sys

FOUNDED = "2012-12-01"
MANAGER = "p-head"


def put(command_id, person, **body):
    print(json.dumps({"commandId": command_id, "actor": {"person": person}, **body}))


def carriers(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def organisation(path):
    """A unit, a position and a person responsible for each airline, bound to its carrier code."""
    put("person-head", "p-hr", addPerson={"person": MANAGER, "name": {"clear": "Head of Network"}})
    for row in carriers(path):
        carrier, key = row["carrier"], row["carrier"].lower()
        unit, position, person = f"u-{key}", f"pos-{key}", f"p-{key}"
        put(f"unit-{key}", "p-hr", createUnit={
            "unit": unit, "name": row["name"], "kind": "DEPARTMENT", "parent": "u-air",
            "from": FOUNDED})
        put(f"position-{key}", "p-hr", createPosition={
            "position": position, "unit": unit, "title": f"Responsible for {row['name']}",
            "headcount": 1, "from": FOUNDED})
        put(f"person-{key}", "p-hr", addPerson={
            "person": person, "name": {"clear": f"Responsible for {carrier}"}})
        put(f"assignment-{key}", "p-hr", startAssignment={
            "assignment": f"as-{key}", "person": person, "position": position,
            "allocationBp": 10000, "kind": "PRIMARY", "span": {"from": FOUNDED}})
        put(f"line-{key}", "p-hr", setReportingLine={
            "person": person, "manager": MANAGER, "line": "SOLID", "span": {"from": FOUNDED}})
        put(f"binding-{key}", "p-hr", bindSourceKey={
            "person": person, "entityType": "airline", "key": carrier,
            "span": {"from": "2013-01-01"}, "plain": True})


def terms(minutes):
    """The template's items; only the minutes have a target of their own."""
    return [
        {"item": "on-time", "metric": "on-time@1", "curve": "on-time@1", "target": "0.8",
         "unit": "1", "weightBp": 4000},
        {"item": "no-arrival", "metric": "no-arrival@1", "curve": "no-arrival@1",
         "target": "0.01", "unit": "1", "weightBp": 2000},
        {"item": "departure-delay", "metric": "departure-delay@1", "curve": "departure-delay@1",
         "target": "6", "unit": "min", "weightBp": 2500},
        {"item": "minutes", "metric": "minutes@1", "curve": "minutes@1", "target": minutes,
         "unit": "min", "weightBp": 1500},
    ]


def agree(cycle, carrier, minutes):
    """Opened by HR, proposed by the manager, accepted and signed by both."""
    key = carrier.lower()
    person, agreement = f"p-{key}", f"a-{cycle}-{key}"
    put(f"open-{agreement}", "p-hr", openAgreement={
        "agreement": agreement, "person": person, "position": f"pos-{key}", "cycle": cycle})
    put(f"propose-{agreement}", MANAGER, proposeTerms={
        "agreement": agreement, "items": terms(minutes)})
    put(f"accept-{agreement}", person, acceptItems={"agreement": agreement})
    put(f"sign-manager-{agreement}", MANAGER, signAgreement={"agreement": agreement})
    put(f"sign-{agreement}", person, signAgreement={"agreement": agreement})


def next_month(cycle):
    year, month = map(int, cycle.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02}"


def months(path, cycles):
    for cycle in cycles:
        put(f"plan-{cycle}", "p-hr", planCycle={
            "cycle": cycle, "period": {"from": f"{cycle}-01", "to": f"{next_month(cycle)}-01"},
            "grain": "MONTH", "template": "airline@1"})
        put(f"open-{cycle}", "p-hr", openCycle={"cycle": cycle})
        for row in carriers(path):
            agree(cycle, row["carrier"], row["minutes"])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["organisation", path]:
            organisation(path)
        case ["months", path, *cycles] if cycles:
            months(path, cycles)
        case _:
            sys.exit(__doc__)
