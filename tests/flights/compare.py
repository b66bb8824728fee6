"""Calculates every score of the real records anew and compares it with what assay answered.

    compare.py FLIGHTS.csv TARGETS.csv ANSWERS 2013-01 2013-02 ...

ANSWERS is a folder with status.json and for each month a folder with list.json and, for each
person, PERSON.show.json and PERSON.explain.json, as `assay -o json` printed them. Nothing else of
the program is read: the records come from the file, the definitions are written out below, and
every number is an exact fraction until the one rounding that its definition has. Prints what
differs and returns 1, or prints how much was compared.
"""

import csv
import json
import sys
from collections import defaultdict
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

# --- the definitions ---

# Weights in points of 100.
WEIGHTS = {"on-time": 40, "no-arrival": 20, "departure-delay": 25, "minutes": 15}
TARGETS = {"on-time": Fraction(8, 10), "no-arrival": Fraction(1, 100), "departure-delay": 6}
# Where a share that falls in a line reaches 0, and where a share that grows in proportion stops.
ZEROS = {"no-arrival": Fraction(6, 100), "departure-delay": 30}
CAPS = {"on-time": 1, "minutes": Fraction(11, 10)}
TOTAL_CAP = 100
BANDS = [(90, "excellent"), (70, "good"), (None, "below")]

ACHIEVED_DIGITS = 12
POINTS_DIGITS = 4

# What is known of June 2013 beforehand: flights, on time, without an arrival delay.
KNOWN_JUNE = {"UA": (4975, 3446, 90), "HA": (30, 25, 0), "OO": (2, 1, 0)}
KNOWN_JUNE_RECORDS = 28243

# As the formulas use them, item by item.
MEASURES = ["count(air.on_time)", "count(air.flights)", "count(air.no_arrival)",
            "count(air.flights)", "mean(air.departure_delay)", "sum(air.minutes)"]

IDENTITY = ("year", "month", "day", "carrier", "flight", "origin", "sched_dep_time")
NOTHING = "NA"


# --- the records ---


class Day:
    """The sums of one airline on one day."""

    def __init__(self):
        self.flights = self.on_time = self.no_arrival = 0
        self.delay = self.departures = self.minutes = self.flown = 0

    def add_record(self, row):
        self.flights += 1
        if row["arr_delay"] == NOTHING:
            self.no_arrival += 1
        elif int(row["arr_delay"]) <= 15:
            self.on_time += 1
        if row["dep_delay"] != NOTHING:
            self.departures += 1
            self.delay += int(row["dep_delay"])
        if row["air_time"] != NOTHING:
            self.flown += 1
            self.minutes += int(row["air_time"])

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def read_records(path):
    """The days of each (month, carrier), the number of records and of identities.

    The day is the one that the record names, in the time of its airport, and not the UTC hour
    from which the contract derives it.
    """
    days = defaultdict(lambda: defaultdict(Day))
    identities = set()
    records = 0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            records += 1
            identities.add(tuple(row[name] for name in IDENTITY))
            month = f"{row['year']}-{int(row['month']):02}"
            days[month, row["carrier"]][f"{month}-{int(row['day']):02}"].add_record(row)
    return days, records, len(identities)


def total_of(days):
    month = Day()
    for day in days.values():
        month.add(day)
    return month


# --- the score ---


def rounded(value, digits, half_up):
    """The nearest decimal of so many digits, as canonical text."""
    scaled = value * 10**digits
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    twice = 2 * rest - scaled.denominator
    if twice > 0 or (twice == 0 and (half_up or whole % 2 == 1)):
        whole += 1
    return canonical(Fraction(-whole if scaled < 0 else whole, 10**digits))


def canonical(value):
    """A fraction with a finite decimal expansion as text without trailing zeros."""
    with localcontext() as context:
        context.prec = 60
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def achieved_of(month):
    """The exact value of each item, or why there is none."""
    values = {
        "on-time": (month.on_time, month.flights, "DIV_ZERO"),
        "no-arrival": (month.no_arrival, month.flights, "DIV_ZERO"),
        "departure-delay": (month.delay, month.departures, "NO_DATA"),
        "minutes": (month.minutes, min(1, month.flown), "NO_DATA"),
    }
    return {
        item: Fraction(above, below) if below else reason
        for item, (above, below, reason) in values.items()
    }


def share_of(item, achieved, target):
    if item in CAPS:
        return max(Fraction(0), min(Fraction(CAPS[item]), achieved / target))
    zero = Fraction(ZEROS[item])
    return max(Fraction(0), min(Fraction(1), (zero - achieved) / (zero - target)))


class Card:
    """What the score of one airline in one month must be."""

    def __init__(self, month, minutes_target):
        self.items = {}
        self.reason = None
        computed = Fraction(0)
        for item, achieved in achieved_of(month).items():
            target = Fraction(TARGETS.get(item, minutes_target))
            points = None
            if isinstance(achieved, str):
                self.reason = self.reason or achieved
            else:
                exact = WEIGHTS[item] * share_of(item, achieved, target)
                points = rounded(exact, POINTS_DIGITS, half_up=True)
                computed += Fraction(points)
            self.items[item] = (achieved, points, target)
        self.computed = None if self.reason else computed
        self.total = None if self.reason else min(computed, Fraction(TOTAL_CAP))

    @property
    def status(self):
        return f"NOT_COMPUTABLE({self.reason})" if self.reason else "OK"

    @property
    def band(self):
        if self.total is None:
            return None
        return next(name for least, name in BANDS if least is None or self.total >= least)

    def totals(self):
        """Status and texts of the score, with None for what has no value."""
        if self.reason:
            return {"status": self.status, "computed": None, "adjustments": "0", "total": None,
                    "band": None}
        return {"status": "OK", "computed": canonical(self.computed), "adjustments": "0",
                "total": canonical(self.total), "band": self.band}

    def overflow(self):
        return None if self.reason else canonical(self.computed - self.total)


# --- comparing ---


class Comparison:
    def __init__(self):
        self.made = 0
        self.differences = []

    def same(self, what, expected, actual):
        self.made += 1
        if expected != actual:
            self.differences.append(f"{what}: calculated {expected!r}, assay says {actual!r}")

    def known(self, what, expected, actual):
        self.made += 1
        if expected != actual:
            self.differences.append(f"{what}: known {expected!r}, in the file {actual!r}")

    def compare_items(self, at, card, items):
        self.same(f"{at} items", list(card.items), [item["item"] for item in items])
        for item in items:
            name = item["item"]
            if name not in card.items:
                continue
            achieved, points, target = card.items[name]
            missing = isinstance(achieved, str)
            expected = {
                "status": f"NOT_COMPUTABLE({achieved})" if missing else "OK",
                "achieved": None if missing else rounded(achieved, ACHIEVED_DIGITS, half_up=False),
                "points": points,
                "max": str(WEIGHTS[name]),
                "weightBp": WEIGHTS[name] * 100,
                "target": canonical(target),
            }
            for field, value in expected.items():
                self.same(f"{at} {name} {field}", value, item[field])

    def compare_list(self, at, cards, rows):
        self.same(f"{at} people", sorted(cards), sorted(row["person"] for row in rows))
        for row in rows:
            card = cards.get(row["person"])
            for field, value in card.totals().items() if card else ():
                self.same(f"{at} list {row['person']} {field}", value, row[field])

    def compare_show(self, at, card, show):
        for field, value in card.totals().items():
            self.same(f"{at} {field}", value, show[field])
        self.same(f"{at} overflow", card.overflow(), show["overflow"])
        self.compare_items(at, card, show["items"])
        self.same(f"{at} parts", 1, len(show["parts"]))
        self.compare_items(f"{at} part", card, show["parts"][0]["items"])

    def compare_explain(self, at, card, days, tree):
        """The value, the facts behind it and every single day of each measure."""
        self.same(f"{at} explained", card.totals()["total"], tree.get("value"))
        measures = [node for node in nodes(tree) if node["kind"] == "measure"]
        expected = measures_of(days)
        self.same(f"{at} measures", MEASURES, [node["label"] for node in measures])
        for node in measures:
            if node["label"] not in expected:
                continue
            value, by_day = expected[node["label"]]
            self.same(f"{at} {node['label']}", value, node.get("value"))
            found = {
                day["label"]: (day["inputs"]["count"], day["inputs"]["sum"])
                for day in nodes(node)
                if day["kind"] == "day"
            }
            self.same(f"{at} {node['label']} days", sorted(by_day), sorted(found))
            for day, (count, total) in by_day.items():
                self.same(f"{at} {node['label']} {day}", (str(count), str(total)), found.get(day))

    def compare_ledger(self, records, status):
        rows = [row for row in status["sources"] if row["source"] == "air"]
        self.same("ledger rows", 1, len(rows))
        row = rows[0]
        expected = {"received": records, "applied": records, "unattributed": 0, "duplicate": 0,
                    "stale": 0, "rejected": 0, "held": 0}
        for field, value in expected.items():
            self.same(f"ledger {field}", value, row[field])
        outcomes = ("applied", "duplicate", "stale", "rejected", "held")
        self.same("ledger sum", row["received"], sum(row[name] for name in outcomes))


def nodes(tree):
    yield tree
    for child in tree.get("children", ()):
        yield from nodes(child)


def measures_of(days):
    """The label of each measure with its value and, by day, the facts and their sum."""

    def by_day(count, total):
        out = {day: (getattr(sums, count), getattr(sums, total)) for day, sums in days.items()}
        return {day: pair for day, pair in out.items() if pair[0] > 0}

    month = total_of(days)
    delay = None
    if month.departures:
        delay = rounded(Fraction(month.delay, month.departures), ACHIEVED_DIGITS, half_up=False)
    return {
        "count(air.on_time)": (str(month.on_time), by_day("on_time", "on_time")),
        "count(air.flights)": (str(month.flights), by_day("flights", "flights")),
        "count(air.no_arrival)": (str(month.no_arrival), by_day("no_arrival", "no_arrival")),
        "mean(air.departure_delay)": (delay, by_day("departures", "delay")),
        "sum(air.minutes)": (str(month.minutes) if month.flown else None,
                             by_day("flown", "minutes")),
    }


def compare_june(comparison, days):
    june = {carrier: total_of(of) for (month, carrier), of in days.items() if month == "2013-06"}
    comparison.known("June", KNOWN_JUNE_RECORDS, sum(of.flights for of in june.values()))
    for carrier, known in KNOWN_JUNE.items():
        of = june[carrier]
        comparison.known(f"June {carrier}", known, (of.flights, of.on_time, of.no_arrival))


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(flights, targets, answers, *months):
    with open(targets, encoding="utf-8", newline="") as file:
        minutes = {row["carrier"]: int(row["minutes"]) for row in csv.DictReader(file)}
    days, records, identities = read_records(flights)
    comparison = Comparison()
    comparison.known("identities", records, identities)
    unasked = {month for month, _ in days} - set(months)
    comparison.known("months that were not asked for", set(), unasked)
    carriers = {carrier for _, carrier in days}
    comparison.known("carriers without a target", set(), carriers - set(minutes))
    if "2013-06" in months:
        compare_june(comparison, days)
    comparison.compare_ledger(records, read_json(Path(answers, "status.json")))
    empty = 0
    for month in months:
        folder = Path(answers, month)
        cards = {}
        for carrier, target in minutes.items():
            person = f"p-{carrier.lower()}"
            of = days.get((month, carrier), {})
            card = cards[person] = Card(total_of(of), target)
            empty += not of
            at = f"{month} {person}"
            comparison.compare_show(at, card, read_json(folder / f"{person}.show.json"))
            tree = read_json(folder / f"{person}.explain.json")
            comparison.compare_explain(at, card, of, tree)
        comparison.compare_list(month, cards, read_json(folder / "list.json"))
    for difference in comparison.differences[:50]:
        print(difference)
    if comparison.differences:
        print(f"{len(comparison.differences)} of {comparison.made} comparisons differ")
        return 1
    scores = len(months) * len(minutes)
    print(f"{records} records, {scores} scores in {len(months)} months, {empty} of them not "
          f"computable without a flight: {comparison.made} comparisons, none differs")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
