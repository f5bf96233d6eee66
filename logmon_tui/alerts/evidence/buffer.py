"""EvidenceBuffer: keeps the hits of the last minutes, to explain incidents with. Pure.

It is not saved: after a restart it is empty, and evidence says since when hits are known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import CounterKey, counter_key_of, filter_of
from logmon_tui.alerts.evaluation.counting import MAX_NEW_AGENTS
from logmon_tui.alerts.evidence.why import (
    Chosen,
    Compared,
    beyond,
    chosen_of,
    explained,
    in_bounds,
    movers,
)
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope, When
from logmon_tui.formats.model.columns import without_unused
from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.formats.user_agents import family_of

MAX_HITS_PER_SECOND = 1_000
MAX_HITS = 150_000
MAX_BYTES = 8 * 1024 * 1024
"""Maximum hits per second, hits in all, and bytes of their texts. The oldest hits are dropped."""

MAX_AHEAD = 60
"""Seconds by which the newest hit may be ahead of the second that is judged, beside a delay."""

MAX_EXPLAINED = 20
"""Maximum incidents explained per tick. If more fire together, the first ones are explained."""

SAMPLES = 5
SAMPLE_BYTES = 1_000

_MAX_BLOCKS = 128
_SCOPES = {
    Scope.VIRTUAL_HOST: Dimension.VIRTUAL_HOST,
    Scope.ROUTE: Dimension.ROUTE,
    Scope.SITE: Dimension.SITE,
}

Ints = NDArray[np.int64]


class Block(msgspec.Struct, frozen=True):
    """Some hits with the columns that evidence needs, and how many hits each stands for.

    `fitting` has for each filter of a rule which hits it chooses. That is found out when hits come:
    to look at the texts of all of them would hold up the tick in which a rule fires.
    """

    hits: HitBatch
    weights: Ints
    fitting: Mapping[str, NDArray[np.bool_]]

    @property
    def text_bytes(self) -> int:
        """The bytes of memory that the texts take."""
        return sum(column.texts.nbytes for column in self.hits.columns.values())


class EvidenceBuffer:
    """Keeps the hits of twice the longest window of `rules`, and of `MAX_AHEAD` seconds more.

    `delay` is how many seconds later than their time hits are judged. Of a very busy log it keeps
    a sample: each kept hit stands for several. So memory and time are bounded.
    """

    def __init__(self, rules: Iterable[Rule], delay: float = 0) -> None:
        self._delay = int(delay)
        self._serve(rules)
        self._blocks: list[Block] = []
        self._rows = self._bytes = 0  # of all blocks
        self._joined: Block | None = None  # all blocks as one, in the order of their seconds
        self._chosen: dict[CounterKey, Chosen | None] = {}  # of the joined block
        self._seen: dict[int, int] = {}  # hits of each second
        self._since: int | None = None  # the first second whose hits are known
        self._newest = 0
        self._misses = family_of.cache_info().misses  # at the start of the present tick

    def _serve(self, rules: Iterable[Rule]) -> None:
        """Work out what `rules` need of hits, and for how long."""
        self._rules = {
            rule.name: explained(rule) for rule in rules if not (rule.of_silence or rule.combines)
        }
        longest = max((rule.window for rule in self._rules.values()), default=1)
        self._span = MAX_AHEAD + self._delay + 2 * longest
        self._budget = max(1, min(MAX_HITS_PER_SECOND, MAX_HITS // self._span))
        scopes = {scope for rule in self._rules.values() for scope in rule.scopes}
        self._dimensions = {
            *(Dimension.SECTION, Dimension.PATH, Dimension.HOST, Dimension.USER_AGENT),
            Dimension.SERVER,
            *(dimension for scope, dimension in _SCOPES.items() if scope in scopes),
        }
        self._timed = any(rule.metric is Metric.RESPONSE_TIME for rule in self._rules.values())
        self._wheres = sorted({rule.where for rule in self._rules.values() if rule.where})

    def reload(self, rules: Iterable[Rule], delay: float = 0) -> None:
        """Explain by other rules; the hits stay if they have all that these need."""
        self._delay = int(delay)
        wheres, dimensions, timed, span = self._wheres, self._dimensions, self._timed, self._span
        self._serve(rules)
        self._joined, self._chosen = None, {}
        known = set(self._wheres) <= set(wheres) and self._dimensions <= dimensions
        if known and self._timed <= timed:  # all hits must have the same columns
            self._wheres, self._dimensions, self._timed = wheres, dimensions, timed
            if self._since is not None and self._span > span:
                self._since = max(self._since, self._newest - span + 1)
        else:
            self._blocks, self._rows, self._bytes, self._seen, self._since = [], 0, 0, {}, None

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that are kept, where hits have them."""
        return frozenset(self._dimensions)

    def begin_at(self, newest: int) -> None:
        """Ignore hits that are too old beside `newest`, the second of a log's newest hit."""
        self._newest = newest

    def know_since(self, second: int) -> None:
        """Note that no hit from `second` on was left out, though hits come for a later time only.

        To be called before any hits are taken.
        """
        self._since = second

    def take(self, batch: HitBatch) -> None:
        """Keep the hits of a batch, which must not be empty."""
        self._newest = max(self._newest, int(batch.seconds.max()))
        recent = batch.seconds > self._newest - self._span
        if not recent.all():
            batch = batch.select(recent)
        if not len(batch):
            return
        if self._since is None:
            self._since = int(batch.seconds.min())
        self._joined = None
        self._add(self._sampled(batch))
        full = self._rows > MAX_HITS * 5 // 4 or self._bytes > MAX_BYTES * 5 // 4
        if full or len(self._blocks) > _MAX_BLOCKS:
            self._join()

    def _sampled(self, batch: HitBatch) -> Block:
        """Return the hits of a batch to keep: all, or a sample of busy seconds."""
        seconds, places = distinct(batch.seconds)
        counts = np.bincount(places)
        before = np.array([self._seen.get(second, 0) for second in seconds.tolist()])
        # At the start of a second, assume that it will be as busy as the one before.
        likely = np.array([self._seen.get(second - 1, 0) for second in seconds.tolist()])
        strides = -(-np.maximum(before + counts, likely) // self._budget)
        self._seen.update(zip(seconds.tolist(), (before + counts).tolist(), strict=True))
        if strides.max() > 1:
            order = np.argsort(places, kind="stable")
            number = np.empty(len(batch), dtype=np.int64)  # number of each hit within its second
            number[order] = np.arange(len(batch)) - np.repeat(np.cumsum(counts) - counts, counts)
            kept = (before[places] + number) % strides[places] == 0
            batch, places = batch.select(kept), places[kept]
        fitting = {where: filter_of(where).mask(batch) for where in self._wheres}
        return Block(self._reduced(batch), strides[places], fitting)

    def _reduced(self, batch: HitBatch) -> HitBatch:
        """Return the hits with only the columns to keep, and only the texts in use."""
        columns = {
            dimension: without_unused(column)
            for dimension, column in batch.columns.items()
            if dimension in self._dimensions
        }
        times = batch.measures.get(Measure.RESPONSE_TIME) if self._timed else None
        measures = {} if times is None else {Measure.RESPONSE_TIME: times}
        return HitBatch(batch.seconds, batch.status, batch.sizes, columns, measures=measures)

    def _add(self, block: Block) -> None:
        self._blocks.append(block)
        self._rows += len(block.weights)
        self._bytes += block.text_bytes

    def _join(self) -> Block:
        """Join all blocks, of which there must be one, and drop the oldest hits over the limits."""
        if self._joined is not None:
            return self._joined
        blocks, oldest = self._blocks, self._newest - self._span
        seconds = np.concatenate([block.hits.seconds for block in blocks])
        order = np.argsort(seconds, kind="stable")
        order = order[np.searchsorted(seconds[order], oldest, side="right") :]
        rows = order[-MAX_HITS:]
        joined = _concat(blocks, rows)
        while joined.text_bytes > MAX_BYTES and len(rows) > 1:
            rows = rows[len(rows) // 2 :]
            joined = _concat(blocks, rows)
        if len(rows) < len(order):
            oldest = int(seconds[rows[0]])  # a second that may have lost some hits
        self._since = max(self._since or 0, oldest + 1)
        self._seen = {second: hits for second, hits in self._seen.items() if second > oldest}
        self._blocks, self._rows, self._bytes = [], 0, 0
        self._add(joined)
        self._chosen.clear()
        self._joined = joined
        return joined

    def explained(
        self, changed: Sequence[Incident], lines: Callable[[], Sequence[ParsedLines]]
    ) -> dict[str, Evidence]:
        """Return by incident id the evidence of the `changed` incidents that fired just now.

        Values that an incident's evidence already has are kept. `lines` returns the newest lines
        of the logs.
        """
        fired = [each.id for each in changed if each.firing and len(each.changes) <= 1]
        newest = {each.id: each for each in changed}
        self._misses = family_of.cache_info().misses
        found = {}
        for incident in islice(map(newest.__getitem__, dict.fromkeys(fired)), MAX_EXPLAINED):
            evidence = self.evidence(incident, lines())
            if evidence is not None:
                found[incident.id] = evidence
        return found

    def evidence(self, incident: Incident, lines: Sequence[ParsedLines] = ()) -> Evidence | None:
        """Return why an incident fired; None if no hits of the time before it are known."""
        rule = self._rules.get(incident.rule)
        if rule is None:
            return None
        former = incident.evidence or Evidence(0, 0, ())
        if rule.metric is Metric.UNPARSED_SHARE:  # lines that are no hits have no keys
            unparsed = [line for part in lines for line in part.unparsed]
            return replace(former, samples=_cropped(unparsed))
        if not self._blocks:
            return None
        block = self._join()
        if self._since is None or self._since > incident.triggered_at:
            return None
        compared = self._compared(block, rule, incident)
        first = incident.triggered_at - 2 * rule.window + 1
        return replace(
            former,
            before=in_bounds(compared.before),
            now=in_bounds(compared.now),
            movers=tuple(movers(compared, self._family)),
            samples=_samples(rule, incident, lines),
            since=self._since if self._since > first else None,
            sampled=compared.sampled,
            window=0 if rule.window == incident.window else rule.window,
        )

    def _compared(self, block: Block, rule: Rule, incident: Incident) -> Compared:
        """Return the hits of the two windows that matter to the incident."""
        hits, time = block.hits, incident.triggered_at
        edges = (time - 2 * rule.window, time - rule.window, time)
        begin, middle, end = np.searchsorted(hits.seconds, edges, side="right").tolist()
        counter_key = counter_key_of(rule)
        if counter_key not in self._chosen:
            self._chosen[counter_key] = chosen_of(hits, rule, block.fitting.get(rule.where))
        rows = np.flatnonzero(_matching(self._chosen[counter_key], hits, rule, incident)[begin:end])
        rows += begin
        mine, weights = hits.select(rows), block.weights[rows].astype(np.float64)
        return Compared(
            mine,
            weights * mine.sizes if rule.metric is Metric.BYTES_RATE else weights,
            middle=int(np.searchsorted(rows, middle)),
            sign=1 if rule.when is When.ABOVE else -1,
            sampled=bool((weights > 1).any()),
        )

    def _family(self, agent: bytes) -> bytes | None:
        """Return an agent's family; None if too many were looked up in this tick already."""
        if family_of.cache_info().misses - self._misses >= MAX_NEW_AGENTS:
            return None
        return family_of(agent).browser


def _matching(
    chosen: Chosen | None, hits: HitBatch, rule: Rule, incident: Incident
) -> NDArray[np.bool_]:
    """Return which hits matter to an incident, shape (hits,)."""
    if chosen is None:
        return np.zeros(len(hits), dtype=np.bool_)
    return chosen.of(incident.subject) & beyond(hits, rule, incident.threshold)


def _samples(rule: Rule, incident: Incident, lines: Sequence[ParsedLines]) -> tuple[bytes, ...]:
    """Return the newest lines of hits that matter; from both windows if a fall is bad."""
    window = rule.window if rule.when is When.ABOVE else 2 * rule.window
    found: list[tuple[int, bytes]] = []
    for part in lines:
        if part.hits is None:
            continue
        mine = _matching(chosen_of(part.hits, rule), part.hits, rule, incident)
        age = incident.triggered_at - part.hits.seconds
        rows = np.flatnonzero(mine & (age >= 0) & (age < window))[-SAMPLES:].tolist()
        found += [(int(part.hits.seconds[row]), part.lines[row]) for row in rows]
    found.sort(key=lambda each: each[0])
    return _cropped([line for _, line in found])


def _cropped(lines: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(line[:SAMPLE_BYTES] for line in lines[-SAMPLES:])


def _concat(blocks: Sequence[Block], rows: NDArray[np.intp]) -> Block:
    """Return the hits at `rows` of the concatenated blocks."""
    parts = [block.hits for block in blocks]
    dimensions = dict.fromkeys(dimension for part in parts for dimension in part.columns)
    measures = dict.fromkeys(measure for part in parts for measure in part.measures)
    hits = HitBatch(
        np.concatenate([part.seconds for part in parts])[rows],
        np.concatenate([part.status for part in parts])[rows],
        np.concatenate([part.sizes for part in parts])[rows],
        {dimension: _column(parts, dimension, rows) for dimension in dimensions},
        measures={measure: _measure(parts, measure, rows) for measure in measures},
    )
    fitting = {
        where: np.concatenate([block.fitting[where] for block in blocks])[rows]
        for where in blocks[0].fitting
    }
    return Block(hits, np.concatenate([block.weights for block in blocks])[rows], fitting)


def _column(parts: Sequence[HitBatch], dimension: Dimension, rows: NDArray[np.intp]) -> Column:
    column = Column.concat([part.texts_of(dimension) for part in parts])
    return without_unused(column.select(rows))


def _measure(parts: Sequence[HitBatch], measure: Measure, rows: NDArray[np.intp]) -> Ints:
    return np.concatenate([part.values_of(measure) for part in parts])[rows]
