"""Every claim has a committed record: fresh, holding, its rival fallen, and made by the full cases."""

import numpy as np
import pytest

from sims import fingerprint, store
from sims.claim import Evidence, doubled
from sims.registry import find, load

ENTRIES = find()


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_the_committed_record_is_established(entry, monkeypatch):
    monkeypatch.delenv("LEMMATA_RESULTS", raising=False)
    record = store.established(entry.id)
    assert record.mode == "full"
    assert record.fingerprint == fingerprint.fingerprint(entry.path)


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_the_verdict_follows_from_the_numbers_kept(entry):
    """Judging the stored numbers again gives the stored verdicts."""
    record, claim = store.established(entry.id), load(entry)
    cases = claim.cases
    for _ in range(record.looks - 1):
        cases = doubled(cases)
    evidence = Evidence(cases, record.predicted, record.observed, record.doubt, record.looks)
    again = claim.judge(evidence)
    assert np.allclose([again.gap, again.doubt], [record.verdict.gap, record.verdict.doubt], rtol=1e-12)
