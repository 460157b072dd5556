"""The searches themselves, compiled: Dijkstra over CSR arcs in whole milliseconds.

A label packs the walk's milliseconds (high 32 bits) and the position of its source (low
32 bits) into one integer, so that comparing labels compares times first and breaks ties by
the lowest source position, exactly. Where there is one source, a label is its milliseconds
alone, in 32 bits: half the memory to wait for. The queue is a ring of buckets (Dial 1969, with
buckets of 33 s; inside a bucket labels are corrected until none improves), each a linked list
of entries that lie together in one array. An improved label gets a new entry; the old one is
passed over when it comes up, unless it is of the same bucket. The answer does not depend on
the width of a bucket.

Work is proportional to the nodes reached: only touched labels are reset between searches. The
arcs of a node are asked for as soon as it is queued, and are there when its turn comes.
Numbers are unsigned when they index an array, or numba would ask each time whether they count
from the end; that, and entries that lie together, made the searches twice to three times as
fast. Kernels release the GIL and are cached on disk; the first run of an installation compiles.

Limits: a search goes out from its sources along ``arc_ms``; who asks for the walks towards
them hands in the times of the twins. Two times must add up below 2**31 ms, which
`graph.LONGEST_MS` guarantees.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray


@contextmanager
def _our_coverage_folder_out_of_sight() -> Iterator[None]:
    """Keep numba from taking our folder ``coverage`` for coverage.py.

    numba looks for coverage.py and expects a failing import where there is none. With the
    repository on the path Python finds our folder instead, a namespace without a file.
    """
    found = importlib.util.find_spec("coverage")
    if found is not None and found.origin is not None:
        yield
        return
    before = {"coverage": sys.modules["coverage"]} if "coverage" in sys.modules else {}
    sys.modules["coverage"] = None  # type: ignore[assignment]  # makes `import coverage` fail
    try:
        yield
    finally:
        del sys.modules["coverage"]
        sys.modules.update(before)


with _our_coverage_folder_out_of_sight():
    import numba
    from llvmlite import ir
    from numba.core import cgutils
    from numba.extending import intrinsic

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


_KERNELS: list[Any] = []


def compiled(function: Kernel) -> Kernel:
    """The function as machine code that other threads may run beside, kept on disk."""
    try:
        kernel: Any = numba.njit(nogil=True, cache=True)(function)
        with suppress(AttributeError):  # inner names of numba: without them it keeps as it does
            _keep_with_care(kernel._cache)
    except RuntimeError:  # no folder in which compiled code could be kept: compile every time
        kernel = numba.njit(nogil=True)(function)
    _KERNELS.append(kernel)
    return cast(Kernel, kernel)


def _keep_with_care(cache: Any) -> None:
    """Let old compiled code, a full disk, or another process that compiles at once do no harm.

    numba reads all that is kept before it asks whether it is too old, and stops where that names
    a type that has moved since. It stops where it cannot write. And it numbers the files of a
    kernel by what it read of their list: two processes, of which each compiles for other types,
    take one name, and later one kind of numbers would be read as the other.
    """
    file = cache._cache_file
    save, name = cache.save_overload, file._data_name

    def saved(signature: Any, compiled: Any) -> None:
        with suppress(OSError):  # then the next process compiles it again
            save(signature, compiled)

    try:
        file._load_index()
    except (ImportError, AttributeError):
        cache.flush()
    cache.save_overload = saved
    file._data_name = lambda number: f"{name(number)[:-4]}.{os.getpid()}.nbc"


def were_compiled_now() -> bool:
    """Whether this process had to compile a kernel, as the first of an installation does."""
    return any(kernel.stats.cache_misses for kernel in _KERNELS)


def _fetch_row(_typing: Any, rows: Any, at: Any) -> Any:
    """Tell the processor that a row of a (n, 8) array of int32 will soon be read.

    Without it the searches of a million nodes take a fifth to a half longer.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        first = builder.gep(data, [builder.shl(arguments[1], ir.Constant(ir.IntType(64), 3))])
        number, address = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [address, number, number, number])
        insert: Any = cgutils.get_or_insert_function
        hint = insert(builder.module, kind, "llvm.prefetch.p0")
        builder.call(
            hint, [builder.bitcast(first, address), number(0), number(3), number(1)]
        )  # to read, to keep, data
        return context.get_dummy_value()

    return numba.types.void(rows, numba.types.uint64), code


fetch_row: Any = intrinsic(_fetch_row)

BUCKET_BITS = 15  # a bucket holds 2**15 ms, about 33 seconds of walking
UNREACHED = np.iinfo(np.int64).max
UNREACHED_MS = np.iinfo(np.int32).max  # the same where a label is milliseconds alone
POSITION = 0xFFFF_FFFF  # the low half of a label

# What leaves each node, (n, 8): where four arcs lead, and the milliseconds of each. A node with
# fewer has arcs to itself that take no time; one with more has an arc of no time to a node with
# the rest. So what a search reads of a node lies in one place, and can be fetched ahead.
Arcs = NDArray[np.int32]
# The latest entry of each bucket (0: none), entries as (node, earlier entry), nodes reached.
Scratch = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int32]]
U = np.uint64


@compiled
def new_scratch(n_nodes: int, horizon_ms: int) -> Scratch:
    """Room for searches that look at most ``horizon_ms`` ahead of where they are."""
    n_buckets = 2
    while n_buckets < (horizon_ms >> BUCKET_BITS) + 2:
        n_buckets *= 2
    latest = np.zeros(n_buckets, np.uint32)
    entries = np.empty((n_nodes + 8, 2), np.uint32)  # as a rule enough, else `search` adds
    touched = np.empty(n_nodes + 1, np.int32)  # one more, where nothing counts
    return latest, entries, touched


@compiled
def search(
    arcs: Arcs,
    seeds: NDArray[np.int32],
    seed_labels: NDArray[Any],
    last: int,
    label: NDArray[Any],
    scratch: Scratch,
) -> tuple[np.int64, Scratch]:
    """Final labels, up to ``last``, of all nodes that a walk from a seed comes to; how many.

    Seeds are nodes with the labels they start with; they may repeat. ``label`` is int64 and all
    `UNREACHED`, or int32 and `UNREACHED_MS`. The nodes reached are listed in the scratch that is
    returned, which may have grown; but for that list it is as it was.
    """
    latest, entries, touched = scratch
    bucket_bits = BUCKET_BITS + (32 if label.itemsize == 8 else 0)
    nothing = np.iinfo(label.dtype).max
    n_touched, n_entries = 0, 1
    if len(seeds) + 8 > len(entries):
        entries = np.empty((2 * len(seeds) + 8, 2), np.uint32)
    for seed in range(len(seeds)):
        node, start = seeds[seed], seed_labels[seed]
        if start <= last and start < label[node]:
            touched[n_touched] = node
            n_touched += label[node] == nothing
            label[node] = start
            at = (start >> bucket_bits) & (len(latest) - 1)
            entries[n_entries, 0], entries[n_entries, 1] = node, latest[at]
            latest[at] = n_entries
            n_entries += 1
    state = (False, U(0), U(n_entries), U(n_touched))
    while True:
        state = _walk_on(arcs, U(last), label, latest, entries, touched, state)
        if state[0]:
            return np.int64(state[3]), (latest, entries, touched)
        more = np.empty((2 * len(entries), 2), np.uint32)
        more[: len(entries)] = entries
        entries = more


State = tuple[bool, np.uint64, np.uint64, np.uint64]


@compiled
def _walk_on(
    arcs: Arcs,
    last: np.uint64,
    label: NDArray[Any],
    latest: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    touched: NDArray[np.int32],
    state: State,
) -> State:
    """Search until nothing is queued (True), or until there may be no room for an entry (False).

    Then the bucket, how many entries there are, and how many nodes are reached: with these, and
    more room, the search can be gone on with.
    """
    _, bucket, n_entries, n_touched = state
    low_bits = U(32) if label.itemsize == 8 else U(0)
    # Whether a step is better is a coin toss, and a processor that guesses wrong starts over. A
    # search of one source stays in the cache and does without a guess; one through the whole
    # network waits for memory, and guessing lets it go ahead meanwhile.
    no_guess = label.itemsize == 4
    bucket_bits = low_bits + U(BUCKET_BITS)
    ring = U(len(latest) - 1)
    room = U(len(entries) - 4)
    empty = U(0)
    while empty <= ring:
        at = bucket & ring
        entry = U(latest[at])
        if entry == 0:
            bucket += U(1)
            empty += U(1)
            continue
        empty = U(0)
        node = U(entries[entry, 0])
        here = U(label[node])
        if n_entries > room:
            return False, bucket, n_entries, n_touched
        latest[at] = entries[entry, 1]
        if here >> bucket_bits != bucket:
            continue
        for arc in range(4):
            there = here + (U(arcs[node, U(arc + 4)]) << low_bits)
            head = U(arcs[node, U(arc)])
            before = U(label[head])
            better = there < before and there <= last
            if better or no_guess:
                fetch_row(arcs, head)
                # what is not better is put where nothing counts, or put back
                touched[n_touched] = head
                n_touched += U(better and before > last)  # was not within the limit: new
                label[head] = there if better else before
                at = (min(there, last) >> bucket_bits) & ring
                former = latest[at]
                entries[n_entries, 0], entries[n_entries, 1] = head, former
                latest[at] = n_entries if better else former
                n_entries += U(better)
    return True, bucket, n_entries, n_touched


@compiled
def first_of_each(row_ptr: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of several pairs of one target keep the first of a row, in place; where rows begin then."""
    new_ptr = np.zeros_like(row_ptr)
    size = 0
    for row in range(len(row_ptr) - 1):
        before = np.int64(-1)
        for at in range(row_ptr[row], row_ptr[row + 1]):
            pair = pairs[at]
            pairs[size] = pair
            size += (pair >> 32) != before
            before = pair >> 32
        new_ptr[row + 1] = size
    return new_ptr


@compiled
def put_pairs(
    row_ptr: NDArray[np.int64],
    pairs: NDArray[np.int64],
    start: NDArray[np.int64],
    target: NDArray[np.int32],
    ms: NDArray[np.int64],
) -> None:
    """Write each row of pairs apart, into targets and milliseconds, from its place on."""
    for row in range(len(start)):
        at = U(start[row])
        for pair in pairs[row_ptr[row] : row_ptr[row + 1]]:
            target[at], ms[at] = pair >> 32, pair & POSITION
            at += U(1)


@compiled
def split_labels(label: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Milliseconds and position of the source of each label; `UNREACHED` and -1 without one."""
    ms = np.empty(len(label), np.int64)
    source = np.empty(len(label), np.int32)
    for node in range(len(label)):
        if label[node] == UNREACHED:
            ms[node], source[node] = UNREACHED, -1
        else:
            ms[node], source[node] = label[node] >> 32, label[node] & POSITION
    return ms, source


@compiled
def transpose(
    indptr: NDArray[np.int64],
    target: NDArray[np.int32],
    ms: NDArray[np.int64],
    n_targets: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """The same pairs by target, in one counting pass; sources come out ascending."""
    by_target = np.zeros(n_targets + 1, np.int64)
    for pair in range(len(target)):
        by_target[target[pair] + 1] += 1
    by_target = np.cumsum(by_target)
    place = by_target[:-1].copy()
    source = np.empty(len(target), np.int32)
    source_ms = np.empty(len(target), np.int64)
    for row in range(len(indptr) - 1):
        for pair in range(indptr[row], indptr[row + 1]):
            at = place[target[pair]]
            source[at] = row
            source_ms[at] = ms[pair]
            place[target[pair]] = at + 1
    return by_target, source, source_ms


@compiled
def near_pieces(
    grid: NDArray[np.float32],
    first_column: int,
    first_row: int,
    pieces: NDArray[np.float64],
    reach_cells: float,
) -> None:
    """Lower each cell of a grid to its squared distance from the nearest street piece.

    Everything is in cells. ``grid`` (rows, columns) has its first point at (first_column,
    first_row); ``pieces`` (p, 2, 2) are straight; only cells within ``reach_cells`` of the
    box around a piece are touched. A cell gets the same distance in every grid it lies in.
    """
    rows, columns = grid.shape
    for piece in range(len(pieces)):
        ax, ay = pieces[piece, 0, 0], pieces[piece, 0, 1]
        bx, by = pieces[piece, 1, 0], pieces[piece, 1, 1]
        dx, dy = bx - ax, by - ay
        squared = dx * dx + dy * dy
        low_row = max(first_row, int(np.ceil(min(ay, by) - reach_cells)))
        high_row = min(first_row + rows - 1, int(np.floor(max(ay, by) + reach_cells)))
        low_column = max(first_column, int(np.ceil(min(ax, bx) - reach_cells)))
        high_column = min(first_column + columns - 1, int(np.floor(max(ax, bx) + reach_cells)))
        for row in range(low_row, high_row + 1):
            for column in range(low_column, high_column + 1):
                fraction = 0.0
                if squared > 0:
                    fraction = ((column - ax) * dx + (row - ay) * dy) / squared
                    fraction = min(1.0, max(0.0, fraction))
                x = column - ax - fraction * dx
                y = row - ay - fraction * dy
                at = row - first_row, column - first_column
                grid[at] = min(grid[at], np.float32(x * x + y * y))
