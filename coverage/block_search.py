"""What does a neighbourhood lose at least, whatever is built there?

By the prices of a relaxation (`relaxation`) each home is paid for once, wherever the sites are.
A plan loses what it cannot collect: the price ``v[i]`` of a home that no site covers, and
``u[i] = people[i] - v[i]`` for each site beyond the first that covers it. The least loss of a
block of homes is sought by branch and bound: one home at a time, by which of its candidates
is it covered first, or by none? What is open has lost something already; what is still to be
lost is bounded by prices ``-u[i] <= q[i] <= v[i]`` of the homes left, for candidates that lose
``c[j]`` among the homes covered already::

    lost so far  +  sum(q)  +  sum over the candidates j left of  min(0, c[j] - sum of its q)

sought by the same deflected subgradient as the prices of the relaxation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import compiled

FREE, OPEN, OUT = 0, 1, 2
ROUNDS_AT_FIRST, ROUNDS = 200, 6
PATIENCE, SHRINK, MEMORY = 6, 0.6, 0.6
SMALLEST_STEP = 0.02
PROGRESS = 1e-3  # of the target
OVERSHOOT = 1.1  # steps are made towards a little more than the target
STOPPED = -1.0


class Block(NamedTuple):
    """Homes, the candidates that cover any of them, and what can be lost.

    Attributes
    ----------
    home_ptr, site : candidates of each home
    site_ptr, home : homes of each candidate
    uncovered : (homes,) float64
        What is lost by a home that no site covers.
    again : (homes,) float64
        What is lost by a home for each site beyond the first.
    """

    home_ptr: NDArray[np.int64]
    site: NDArray[np.int64]
    site_ptr: NDArray[np.int64]
    home: NDArray[np.int64]
    uncovered: NDArray[np.float64]
    again: NDArray[np.float64]


class Path(NamedTuple):
    """The decisions down to each level of the search.

    Attributes
    ----------
    lost : (levels,) float64
    prices : (levels, homes) float64
    times : (levels, homes) int32
        By how many open sites each home is covered.
    given_up : (levels, homes) bool
        Homes that no site may cover any more.
    status : (levels, candidates) int8
    """

    lost: NDArray[np.float64]
    prices: NDArray[np.float64]
    times: NDArray[np.int32]
    given_up: NDArray[np.bool_]
    status: NDArray[np.int8]


class Round(NamedTuple):
    """What the search for prices works with; refilled at each level.

    Attributes
    ----------
    cost : (candidates,) float64
        What a candidate loses among the homes covered already.
    rest : (candidates,) float64
        What it loses beyond the prices of its homes, at the best prices.
    use : (candidates,) float64
        How often it was worth opening lately, 0 to 1.
    waiting : (homes,) bool
        Homes neither covered nor given up.
    """

    cost: NDArray[np.float64]
    rest: NDArray[np.float64]
    use: NDArray[np.float64]
    waiting: NDArray[np.bool_]


@compiled
def least_loss(block: Block, target: float, stop: NDArray[np.bool_]) -> float:
    """The least loss if it is below the target, else the target; `STOPPED` once ``stop`` is set."""
    n_homes, n_sites = len(block.home_ptr) - 1, len(block.site_ptr) - 1
    levels = n_sites + 2  # each decision takes one free candidate at least
    path = Path(
        np.zeros(levels),
        np.zeros((levels, n_homes)),
        np.zeros((levels, n_homes), np.int32),
        np.zeros((levels, n_homes), np.bool_),
        np.zeros((levels, n_sites), np.int8),
    )
    now = Round(
        np.zeros(n_sites), np.zeros(n_sites), np.zeros(n_sites), np.zeros(n_homes, np.bool_)
    )
    most = 1
    for i in range(n_homes):
        most = max(most, block.home_ptr[i + 1] - block.home_ptr[i])
    branch_home = np.zeros(levels, np.int64)
    branches = np.zeros((levels, most), np.int64)
    count, done = np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    level, arrived = 0, True
    while level >= 0:
        if stop[0]:
            return STOPPED
        if arrived:
            arrived = False
            bound = _bounded(block, path, level, now, target)
            if bound >= target:
                level -= 1
                continue
            target = min(target, _loss_as_it_stands(block, path, level, now))
            for j in range(n_sites):
                if path.status[level, j] == FREE and bound + now.rest[j] >= target:
                    path.status[level, j] = OUT
            _give_up(block, path, level)
            home = _hardest(block, path, level, now)
            if home < 0:
                level -= 1
                continue
            branch_home[level] = home
            count[level] = _most_used_first(block, path, level, now, home, branches[level])
            done[level] = 0
        at = done[level]
        if at > count[level]:
            level -= 1
            continue
        done[level] += 1
        _step_down(path, level)
        if at < count[level]:
            _open(block, path, level + 1, branches[level, at])
            path.status[level, branches[level, at]] = OUT
        else:
            path.given_up[level + 1, branch_home[level]] = True
            path.lost[level + 1] += block.uncovered[branch_home[level]]
        _give_up(block, path, level + 1)
        if path.lost[level + 1] < target:
            level, arrived = level + 1, True
    return target


@compiled
def _step_down(path: Path, level: int) -> None:
    """One level deeper, before its own decision."""
    path.lost[level + 1] = path.lost[level]
    path.prices[level + 1] = path.prices[level]
    path.times[level + 1] = path.times[level]
    path.given_up[level + 1] = path.given_up[level]
    path.status[level + 1] = path.status[level]


@compiled
def _open(block: Block, path: Path, level: int, j: int) -> None:
    """Open a candidate; its homes covered already are covered once more."""
    path.status[level, j] = OPEN
    for pair in range(block.site_ptr[j], block.site_ptr[j + 1]):
        i = block.home[pair]
        if path.times[level, i] > 0:
            path.lost[level] += block.again[i]
        path.times[level, i] += 1


@compiled
def _give_up(block: Block, path: Path, level: int) -> None:
    """Count homes as lost that have no candidate left."""
    for i in range(len(block.home_ptr) - 1):
        if path.times[level, i] > 0 or path.given_up[level, i]:
            continue
        left = False
        for pair in range(block.home_ptr[i], block.home_ptr[i + 1]):
            if path.status[level, block.site[pair]] == FREE:
                left = True
                break
        if not left:
            path.given_up[level, i] = True
            path.lost[level] += block.uncovered[i]


@compiled
def _loss_as_it_stands(block: Block, path: Path, level: int, now: Round) -> float:
    """What is lost if nothing more is opened."""
    loss = path.lost[level]
    for i in range(len(now.waiting)):
        if now.waiting[i]:
            loss += block.uncovered[i]
    return float(loss)


@compiled
def _bounded(block: Block, path: Path, level: int, now: Round, target: float) -> float:
    """The best bound of a search for prices; over as soon as it reaches the target."""
    n_homes, n_sites = len(block.home_ptr) - 1, len(block.site_ptr) - 1
    for i in range(n_homes):
        now.waiting[i] = path.times[level, i] == 0 and not path.given_up[level, i]
    for j in range(n_sites):
        now.cost[j] = now.use[j] = 0.0
        for pair in range(block.site_ptr[j], block.site_ptr[j + 1]):
            if path.times[level, block.home[pair]] > 0:
                now.cost[j] += block.again[block.home[pair]]
    prices = path.prices[level]
    best_prices, rest = prices.copy(), np.zeros(n_sites)
    open_less, direction = np.zeros(n_homes), np.zeros(n_homes)
    best, step, stalled = -np.inf, 1.0, 0
    for _ in range(ROUNDS_AT_FIRST if level == 0 else ROUNDS):
        bound = _priced(block, path, level, now, prices, rest, open_less)
        stalled = 0 if bound > best + PROGRESS * target else stalled + 1
        if bound > best:
            best = bound
            best_prices[:] = prices
            now.rest[:] = rest
        if best >= target or step < SMALLEST_STEP:
            break
        if stalled >= PATIENCE:
            step, stalled = step * SHRINK, 0
            prices[:] = best_prices
            direction[:] = 0.0
            continue
        if not _moved(
            block, now, prices, direction, open_less, step * (OVERSHOOT * target - bound)
        ):
            break
    prices[:] = best_prices
    return float(best)


@compiled
def _priced(
    block: Block,
    path: Path,
    level: int,
    now: Round,
    prices: NDArray[np.float64],
    rest: NDArray[np.float64],
    open_less: NDArray[np.float64],
) -> float:
    """The bound of these prices; ``open_less`` is 1 less the times a home would be covered."""
    bound = path.lost[level]
    for i in range(len(prices)):
        open_less[i] = 1.0
        if now.waiting[i]:
            bound += prices[i]
    for j in range(len(rest)):
        now.use[j] *= 0.85
        if path.status[level, j] != FREE:
            continue
        left = now.cost[j]
        for pair in range(block.site_ptr[j], block.site_ptr[j + 1]):
            if now.waiting[block.home[pair]]:
                left -= prices[block.home[pair]]
        rest[j] = left
        if left < 0:
            bound += left
            now.use[j] += 0.15
            for pair in range(block.site_ptr[j], block.site_ptr[j + 1]):
                open_less[block.home[pair]] -= 1.0
    return float(bound)


@compiled
def _moved(
    block: Block,
    now: Round,
    prices: NDArray[np.float64],
    direction: NDArray[np.float64],
    open_less: NDArray[np.float64],
    aim: float,
) -> bool:
    """Move the prices of the homes that wait; False where there is no way to go."""
    length = 0.0
    for i in range(len(prices)):
        if now.waiting[i]:
            direction[i] = MEMORY * direction[i] + (1 - MEMORY) * open_less[i]
            pinned = (prices[i] >= block.uncovered[i] and direction[i] > 0) or (
                prices[i] <= -block.again[i] and direction[i] < 0
            )
            if not pinned:
                length += direction[i] ** 2 * (block.uncovered[i] + block.again[i])
    if length < 1e-9:
        return False
    for i in range(len(prices)):
        if now.waiting[i]:
            move = aim / length * direction[i] * (block.uncovered[i] + block.again[i])
            prices[i] = min(max(prices[i] + move, -block.again[i]), block.uncovered[i])
    return True


@compiled
def _hardest(block: Block, path: Path, level: int, now: Round) -> int:
    """A home with much to lose and few candidates left; -1 where none waits."""
    home, most = -1, -1.0
    for i in range(len(now.waiting)):
        if now.waiting[i] and not path.given_up[level, i]:
            left = 1
            for pair in range(block.home_ptr[i], block.home_ptr[i + 1]):
                left += path.status[level, block.site[pair]] == FREE
            score = block.uncovered[i] / left**2
            if score > most:
                home, most = i, score
    return home


@compiled
def _most_used_first(
    block: Block, path: Path, level: int, now: Round, home: int, order: NDArray[np.int64]
) -> int:
    """The candidates left of a home, the likeliest first; how many they are."""
    count = 0
    for pair in range(block.home_ptr[home], block.home_ptr[home + 1]):
        j = block.site[pair]
        if path.status[level, j] != FREE:
            continue
        at = count
        while at > 0 and now.use[order[at - 1]] < now.use[j]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = j
        count += 1
    return count
