"""Random rules, and random traffic that takes them through every state."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Against, NoData, Rule, Scope, When
from logmon_tui.formats.model.hit import UNKNOWN, Hit
from tests.alerts.raw_filters import wheres
from tests.alerts.raw_traffic import Lines, raw_hit
from tests.alerts.rule_brute_force import judged
from tests.traffic import HOSTS, START

PATHS = (b"/", b"/api/1", b"/api/22", b"/api/x", b"/pages/7/edit", "/caf\xe9".encode(), b"/\xff")
STATUSES = (200, 200, 200, 301, 404, 429, 500, 503)
VIRTUAL_HOSTS = (b"a.example", b"b.example", b"-")
AGENTS = (
    b"curl/8.5",
    b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    b"-",
)
GAPS = (0, 0, 1, 2, 3, 7, 20, 45)
SIZES = (1, 1, 1, 2, 5)
"""Lengths of a slot in seconds."""


class Case(NamedTuple):
    """Lines, the rules to judge them by, and the length of a slot."""

    lines: Lines
    rules: tuple[Rule, ...]
    size: int

    @property
    def last(self) -> int:
        """The second up to which to judge: late enough for all incidents to have ended."""
        after = max(rule.reach + rule.for_ + rule.keep_firing_for for rule in self.rules)
        return self.lines.hits[-1].second + after + 2 * self.size + 5


class Stretch(NamedTuple):
    """Some seconds of traffic: first a silent gap, then hits at a rate."""

    gap: int
    length: int
    rate: int
    bad: float  # the share of hits that are errors, slow and large
    alike: float  # the share of hits of one host, path, virtual host and agent
    unparsed: int  # unparsed lines a second


def stretches(gaps: Sequence[int] = GAPS) -> st.SearchStrategy[list[Stretch]]:
    stretch = st.builds(
        Stretch,
        gap=st.sampled_from(gaps),
        length=st.integers(1, 10),
        rate=st.sampled_from((1, 2, 4, 8)),
        bad=st.sampled_from((0.0, 0.2, 0.9)),
        alike=st.sampled_from((0.0, 0.6, 1.0)),
        unparsed=st.sampled_from((0, 0, 1, 3)),
    )
    return st.lists(stretch, min_size=1, max_size=5)


def lines_of(found: Sequence[Stretch], seed: int, head: int = 0) -> Lines:
    """Return lines in order, with `head` more hits in the first second.

    The last second has a dozen hits, so that the gate for future hits believes it. For the same
    reason no silence is longer than `JUMP`.
    """
    chance = random.Random(seed)
    second = START + chance.randrange(10)
    hits = [random_hit(second, chance, found[0]) for _ in range(head)]
    unparsed: list[int] = []
    for stretch in found:
        second += stretch.gap
        for at in range(stretch.length):
            rate = chance.choice((0, stretch.rate, stretch.rate, chance.randint(0, stretch.rate)))
            rate = rate if at else stretch.rate
            hits += [random_hit(second, chance, stretch) for _ in range(rate)]
            # Unparsed lines count in the second of the newest hit.
            if hits and hits[-1].second == second and chance.random() < 0.5:
                unparsed += [second] * stretch.unparsed
            second += 1
    return Lines([*hits, *(random_hit(second, chance, found[-1]) for _ in range(12))], unparsed)


def random_hit(second: int, chance: random.Random, stretch: Stretch) -> Hit:
    bad, alike = chance.random() < stretch.bad, chance.random() < stretch.alike
    slow = chance.choice((0, 1, 900, chance.randrange(200_000)))
    return raw_hit(
        second,
        status=chance.choice((500, 503, 404)) if bad else chance.choice(STATUSES),
        size=chance.randrange(50_000, 90_000) if bad else chance.choice((0, chance.randrange(500))),
        host=HOSTS[0] if alike else chance.choice(HOSTS),
        path=PATHS[1] if alike else chance.choice(PATHS),
        agent=AGENTS[0] if alike else chance.choice(AGENTS),
        virtual_host=VIRTUAL_HOSTS[0] if alike else chance.choice(VIRTUAL_HOSTS),
        response_time=UNKNOWN if chance.random() < 0.1 else slow + 3_000_000 * bad,
    )


COUNTING = tuple(metric for metric in Metric if metric not in {Metric.SILENCE, Metric.FIRING})
"""The metrics of hits and lines."""

MATCHES: dict[Scope, tuple[tuple[str, ...], ...]] = {
    Scope.ALL: ((),),
    Scope.SECTION: ((), ("/api",), ("/[pc]*", "/")),
    Scope.PATH: ((), ("/api/*",), ("/api/?", "/pages/*")),
    Scope.ROUTE: ((), ("/api/:n",)),
    Scope.CLIENT: ((), ("10.0.0.[12]",), ("10.*", "2001:*")),
    Scope.VIRTUAL_HOST: ((), ("*.example",)),
    Scope.STATUS: ((), ("4??", "503")),
    Scope.USER_AGENT: ((), ("curl", "*bot")),
    Scope.SERVER: ((), ("eu/*",), ("*/web1", "us/*")),
    Scope.SITE: ((), ("u?",)),
}
SOME_PATHS = ((), (), (), ("/api/*",), ("/", "/pages*", "/c*"))
SOME_STATUS = ((), (), ("5xx",), ("404", "503"), ("4xx", "500"))
_PAUSES = (0, 0, 1, 2, 4, 9)


def _pairs_of(scope: Scope) -> st.SearchStrategy[tuple[Scope, ...]]:
    """Draw a second scope beside the first one, more often none."""
    others = [(scope, other) for other in Scope if other not in {scope, Scope.ALL}]
    return st.one_of(st.just(()), st.just(()), st.sampled_from(others))


@st.composite
def rule_shapes(draw: st.DrawFn, name: str, size: int, metrics: Sequence[Metric]) -> Rule:
    """Draw a rule, still without thresholds, whose times are multiples of `size` seconds."""
    metric = draw(st.sampled_from(metrics))
    whole, new = metric is Metric.UNPARSED_SHARE, metric is Metric.FIRST_SEEN
    scopes = [each for each in Scope if each is not Scope.ALL or not new]
    scope = Scope.ALL if whole else draw(st.sampled_from(scopes))
    by = () if scope is Scope.ALL else draw(_pairs_of(scope))
    bad = draw(wheres) if metric is Metric.SHARE else ""
    given: dict[str, Any] = {
        "by": by,
        "match": () if by else draw(st.sampled_from(MATCHES[scope])),
        "paths": () if whole else draw(st.sampled_from(SOME_PATHS)),
        "where": "" if whole else draw(wheres),
        "bad": bad,
        "status": () if whole or bad else draw(st.sampled_from(SOME_STATUS)),
        "quantile": draw(st.sampled_from((0.95, 0.5, 0.01, 1.0))),
        "window": size * draw(st.integers(1, max(1, 20 // size))),
        "against": draw(st.sampled_from(list(Against))),
        "baseline": size * draw(st.integers(1, max(1, 30 // size))),
        "learning": draw(st.sampled_from((0, 1, 5, 20))),
        "forget": draw(st.sampled_from((3_600, 7_200))),
        "when": When.ABOVE if new else draw(st.sampled_from((When.ABOVE, When.ABOVE, When.BELOW))),
        "for_": draw(st.sampled_from(_PAUSES)),
        "keep_firing_for": draw(st.sampled_from(_PAUSES)),
        "minimum_hits": draw(st.sampled_from((0, 0, 2, 8))),
        "no_data": NoData.OK if new else draw(st.sampled_from(list(NoData))),
        "max_incidents": draw(st.sampled_from((100, 1, 2))),
    }
    return Rule(name=name, title=name, metric=metric, scope=scope, **given)


def values_of(rule: Rule, lines: Lines, size: int) -> list[float]:
    """Return all values that the rule ever measures of any subject, ascending."""
    probe = msgspec.structs.replace(rule, critical=0.0)
    verdict = judged([probe], lines, size, lines.hits[-1].second + rule.window)
    found = {
        measurement.value
        for measurements in verdict.measurements.values()
        for measurement in measurements.values()
        if measurement.value is not None
    }
    return sorted(found) or [1.0]


@st.composite
def thresholds(draw: st.DrawFn, rule: Rule, values: Sequence[float]) -> Rule:
    """Draw thresholds within the range of the rule's `values`; some equal one exactly."""

    def near(least: int, most: int) -> tuple[int, float]:
        place = draw(st.integers(least, most))
        behind = values[min(place + 1, len(values) - 1)]
        return place, draw(st.sampled_from((values[place], (values[place] + behind) / 2)))

    top = len(values) - 1
    low, mild = near(0, top)
    worse = near(low, top)[1]
    worse = max(mild, worse)
    below = rule.when is When.BELOW
    warning, critical = (worse, mild) if below else (mild, worse)
    which = draw(st.sampled_from(("both", "both", "warning", "critical")))
    # A recovery threshold is at most as far from normal as its threshold.
    ends = [None if draw(st.booleans()) else draw(_recovery(values, below)) for _ in range(2)]
    given: dict[str, Any] = {}
    if which != "critical":
        given |= {"warning": warning, "warning_recovery": _eased(ends[0], warning, below)}
    if which != "warning":
        end = _eased(ends[1], critical, below)
        if which == "both" and end is not None:
            mildest = given["warning_recovery"]
            mildest = warning if mildest is None else mildest
            end = min(end, mildest) if below else max(end, mildest)
        given |= {"critical": critical, "critical_recovery": end}
    return msgspec.structs.replace(rule, **given)


def _recovery(values: Sequence[float], below: bool) -> st.SearchStrategy[float]:
    return st.sampled_from((*values, 0.0, values[-1] * 1.1) if below else (*values, 0.0))


def _eased(end: float | None, threshold: float, below: bool) -> float | None:
    if end is None:
        return None
    return max(end, threshold) if below else min(end, threshold)


@st.composite
def cases(draw: st.DrawFn, metrics: Sequence[Metric] = COUNTING, rules: int = 3) -> Case:
    """Draw lines, and at most `rules` rules of `metrics` with thresholds that the lines cross."""
    size = draw(st.sampled_from(SIZES))
    lines = lines_of(draw(stretches()), draw(st.integers(0, 2**32)))
    found = []
    for number in range(draw(st.integers(1, rules))):
        shape = draw(rule_shapes(f"r{number}", size, metrics))
        found.append(draw(thresholds(shape, values_of(shape, lines, size))))
    return Case(lines, tuple(found), size)


@st.composite
def related(draw: st.DrawFn, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Draw relations among rules without a circle, and rules that combine some of them."""
    order: list[Rule] = draw(st.permutations(rules))
    found: list[Rule] = []
    for rule in order:
        names = [each.name for each in found]
        unless = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        named = [each for each in found if each.name in unless]
        own = msgspec.structs.replace(
            rule,
            unless=tuple(unless),
            labels=draw(st.sampled_from([{}, {"team": "a"}, {"team": "b"}])),
        )
        found.append(msgspec.structs.replace(own, equal=draw(_equal(own, named))))
        if rule.scopes and draw(st.booleans()):
            found.append(draw(_echo(f"e{len(found)}", found[-1])))
        if len(found) > 1 and draw(st.booleans()):
            found.append(draw(_combined(f"c{len(found)}", [each.name for each in found])))
    if len(found) > 1:
        found.append(draw(_combined("last", [each.name for each in found])))
    return tuple(draw(st.permutations(found)))


@st.composite
def _equal(draw: st.DrawFn, rule: Rule, others: Sequence[Rule]) -> tuple[str, ...]:
    """Draw what must be equal for others to hold a rule back."""
    if not others:
        return ()
    scopes = [each.value for each in rule.scopes if all(each in one.scopes for one in others)]
    names = [*scopes, "label.team"]
    return tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True)))


@st.composite
def _echo(draw: st.DrawFn, name: str, rule: Rule) -> Rule:
    """Draw a rule of the same subjects with other delays, which the first one holds back."""
    echo = msgspec.structs.replace(
        rule,
        name=name,
        title=name,
        for_=draw(st.sampled_from(_PAUSES)),
        keep_firing_for=draw(st.sampled_from(_PAUSES)),
        unless=(rule.name,),
    )
    return msgspec.structs.replace(echo, equal=draw(_equal(echo, [rule])))


@st.composite
def _combined(draw: st.DrawFn, name: str, names: Sequence[str]) -> Rule:
    some = st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True)
    parts, unless = draw(some), draw(st.lists(st.sampled_from(names), max_size=1))
    return Rule(
        name=name,
        title=name,
        metric=Metric.FIRING,
        all_=tuple(parts),
        unless=tuple(each for each in unless if each not in parts),
        critical=len(parts) - 1,
        for_=draw(st.sampled_from(_PAUSES)),
        keep_firing_for=draw(st.sampled_from(_PAUSES)),
    )


@st.composite
def related_cases(draw: st.DrawFn) -> Case:
    """Draw a case whose rules depend on each other."""
    case = draw(cases(rules=4))
    return case._replace(rules=draw(related(case.rules)))


@st.composite
def watched_cases(draw: st.DrawFn) -> Case:
    """Draw a case for a whole watch; some of its rules are like the built-in ones."""
    size = draw(st.sampled_from(SIZES))
    # After ten hits the gate believes the log's time.
    lines = lines_of(draw(stretches()), draw(st.integers(0, 2**32)), head=12)
    window = size * draw(st.integers(1, max(1, 20 // size)))
    plain = [
        Rule(name="all", title="all", metric=Metric.RATE),
        Rule(name="errors", title="errors", metric=Metric.SHARE, status=("5xx",), minimum_hits=5),
        Rule(name="client", title="client", metric=Metric.RATE, scope=Scope.CLIENT),
        Rule(name="few", title="few", metric=Metric.RATE, scope=Scope.CLIENT, max_incidents=1),
    ]
    shapes = [msgspec.structs.replace(each, window=window) for each in draw(st.permutations(plain))]
    shapes = shapes[: draw(st.integers(0, 4))]
    pauses = [draw(st.sampled_from(_PAUSES)) for _ in shapes]
    found = [
        _simple(draw(thresholds(each, values_of(each, lines, size))), pause)
        for each, pause in zip(shapes, pauses, strict=True)
    ]
    for number in range(draw(st.integers(0 if found else 1, 2))):
        shape = draw(rule_shapes(f"r{number}", size, COUNTING))
        found.append(draw(thresholds(shape, values_of(shape, lines, size))))
    return Case(lines, tuple(found), size)


def _simple(rule: Rule, pause: int) -> Rule:
    """Return a rule with one threshold, which fires at once and ends after a `pause`."""
    limit = rule.limits[0]
    return msgspec.structs.replace(
        rule,
        critical=limit.threshold,
        critical_recovery=limit.recovery,
        keep_firing_for=pause,
        warning=None,
        warning_recovery=None,
    )


@st.composite
def related_watched_cases(draw: st.DrawFn) -> Case:
    """Draw a case for a whole watch whose rules depend on each other."""
    case = draw(watched_cases())
    return case._replace(rules=draw(related(case.rules)))
