"""What would a station at each candidate be worth to each home?

Maximal covering and the p-median are one question. A home *saves* by a station: its people,
where the question is who is covered; its people times the milliseconds that they walk less,
where it is how far all walk. Of several stations a home uses the one by which it saves most,
so a plan ``S`` is worth::

    sum over homes i of  max(saved[i, j] for j in S, 0)

and the question is the plan of ``p`` candidates that is worth most. Covering is the case in
which a home saves the same wherever it saves at all (Church & Weaver 1986). What stands
already, or has to be built, is no part of the question: it is what the savings are counted
from, and only who saves *more* stays in the table.

Everything is whole numbers: people, or people times milliseconds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


class Savings(NamedTuple):
    """A sparse table of what homes save at candidates, by home and by candidate.

    Attributes
    ----------
    home_ptr : (homes + 1,) int64
    site : (pairs,) int32
    saved : (pairs,) int64
        Of each home, largest first, then the lowest candidate; all above 0.
    site_ptr : (candidates + 1,) int64
    home : (pairs,) int32
    site_saved : (pairs,) int64
        The same pairs by candidate; homes rise.
    """

    home_ptr: NDArray[np.int64]
    site: NDArray[np.int32]
    saved: NDArray[np.int64]
    site_ptr: NDArray[np.int64]
    home: NDArray[np.int32]
    site_saved: NDArray[np.int64]

    @property
    def n_homes(self) -> int:
        """Homes that save something somewhere, unless the caller kept others."""
        return len(self.home_ptr) - 1

    @property
    def n_sites(self) -> int:
        """Candidates."""
        return len(self.site_ptr) - 1

    @property
    def most(self) -> NDArray[np.int64]:
        """What each home saves at its best candidate."""
        first = self.home_ptr[:-1]
        some = np.diff(self.home_ptr) > 0
        most = np.zeros(self.n_homes, np.int64)
        most[some] = self.saved[first[some]]
        return most

    def by(self, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """What each home saves by a plan."""
        best = np.zeros(self.n_homes, np.int64)
        for site in sites:
            pairs = slice(self.site_ptr[site], self.site_ptr[site + 1])
            at = self.home[pairs]
            best[at] = np.maximum(best[at], self.site_saved[pairs])
        return best

    def worth(self, sites: NDArray[np.int64]) -> int:
        """What a plan is worth, counted from its sites."""
        return int(self.by(sites).sum())

    def beyond(
        self, built: NDArray[np.int64], kept: NDArray[np.int64]
    ) -> tuple[Savings, NDArray[np.int64]]:
        """What the kept candidates still save where others are built, and whose savings these are.

        The homes that have nothing left to save are left out; the second answer is the
        positions of those that stay.
        """
        base = self.by(built)
        number = np.full(self.n_sites, -1, np.int32)
        number[kept] = np.arange(len(kept))
        of_home = np.repeat(np.arange(self.n_homes), np.diff(self.home_ptr))
        left, site_left = self.saved - base[of_home], self.site_saved - base[self.home]
        of_site = np.repeat(number, np.diff(self.site_ptr))
        stays = (number[self.site] >= 0) & (left > 0)
        site_stays = (of_site >= 0) & (site_left > 0)
        pairs = np.bincount(of_home[stays], minlength=self.n_homes)
        homes = np.flatnonzero(pairs)
        number_of_home = np.cumsum(pairs > 0, dtype=np.int32) - 1
        # The same amount is taken from all that a home saves, so the order stays as it is.
        table = Savings(
            home_ptr=np.concatenate([[0], np.cumsum(pairs[homes])]).astype(np.int64),
            site=number[self.site[stays]],
            saved=left[stays],
            site_ptr=starts(of_site[site_stays], len(kept)),
            home=number_of_home[self.home[site_stays]].astype(np.int32),
            site_saved=site_left[site_stays],
        )
        return table, homes


def savings(
    home: NDArray[np.int64],
    site: NDArray[np.int64],
    saved: NDArray[np.int64],
    shape: tuple[int, int],
) -> Savings:
    """The table of pairs in any order; ``shape`` is homes and candidates."""
    n_homes, n_sites = shape
    by_home = np.lexsort((site, -saved, home))
    by_site = np.lexsort((home, site))
    return Savings(
        home_ptr=starts(home, n_homes),
        site=site[by_home].astype(np.int32),
        saved=saved[by_home].astype(np.int64),
        site_ptr=starts(site, n_sites),
        home=home[by_site].astype(np.int32),
        site_saved=saved[by_site].astype(np.int64),
    )


def starts(number: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
    """Where each of ``count`` rows begins, once its pairs lie together."""
    return np.concatenate([[0], np.cumsum(np.bincount(number, minlength=count))]).astype(np.int64)


def covering_savings(covers: csr_array, weights: NDArray[np.int64]) -> Savings:
    """A home saves its people wherever it is covered."""
    covers = csr_array(covers)
    covers.sort_indices()
    pairs = np.diff(covers.indptr)
    by_site = covers.tocsc()
    by_site.sort_indices()
    return Savings(
        home_ptr=covers.indptr.astype(np.int64),
        site=covers.indices.astype(np.int32),
        saved=np.repeat(weights, pairs).astype(np.int64),
        site_ptr=by_site.indptr.astype(np.int64),
        home=by_site.indices.astype(np.int32),
        site_saved=weights[by_site.indices].astype(np.int64),
    )
