"""Every claim in the folder: it holds, its rival fails, and its simulation knows nothing of the theory."""

import ast
import importlib
import tomllib
from pathlib import Path

import pytest

from sims import judge
from sims.claim import Claim, Outcome, key, rng
from sims.engines import Serial
from sims.home import owned
from sims.registry import find, load
from sims.rows import Rows
from sims.run import verify
from theory.formula import evaluated

ENTRIES = find()
every_claim = pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """One quick run of the whole ledger."""
    home = tmp_path_factory.mktemp("lemmata")
    with pytest.MonkeyPatch.context() as patch, owned(home):
        patch.setenv("LEMMATA_HOME", str(home))
        rows = Rows(home)
        run = verify(ENTRIES, rows, Serial())
        rows.close()
    return {report.name: report for report in run.reports}


@every_claim
def test_the_claim_holds_and_its_rival_fails(entry, reports):
    report = reports[entry.name]
    assert (report.outcome, report.rival) == (Outcome.HOLDS, Outcome.FAILS), report


@every_claim
def test_the_witness_does_not_know_the_answer(entry, monkeypatch):
    """`simulate` runs with every name of `theory` deleted from the claim's module, and from what it reaches."""
    module = importlib.import_module(f"sims.claims.{entry.paper}.{entry.name}")
    for name in theory_names(entry.path.read_text()):
        monkeypatch.delattr(module, name)
    case = load(entry).quick[0]
    seen = module.CLAIM.simulate(case)
    assert seen.value.shape == seen.doubt.shape
    assert key(case) == key(type(case)(**vars(case)))


def theory_names(source):
    """The names that a module imports from `theory`."""
    tree = ast.parse(source)
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [a.asname or a.name for node in froms if (node.module or "").startswith("theory") for a in node.names]


def test_every_instrument_is_under_contract():
    """What a claim imports from `sims` beside the vocabulary is named in the contract that keeps theory out."""
    contracts = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    witness = contracts["tool"]["importlinter"]["contracts"][1]
    assert witness["forbidden_modules"] == ["theory", "sims.claims"]
    used = set()
    for entry in ENTRIES:
        for node in ast.walk(ast.parse(entry.path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "sims":
                used |= {f"sims.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sims."):
                used.add(node.module)
    assert used - {"sims.claim", "sims.judge"} <= set(witness["source_modules"])


@every_claim
def test_a_claim_says_what_where_from_and_under_which_assumptions(entry):
    claim: Claim = load(entry)
    assert len(claim.statement) > 40 and claim.statement.count("$") % 2 == 0
    assert claim.source
    assert claim.assumptions
    for case in claim.cases + claim.quick:
        assert all(holds(case) for holds in claim.assumptions.values())


@every_claim
def test_formulas_have_the_digits_of_float64(entry):
    claim: Claim = load(entry)
    with evaluated() as tape:
        claim.predict(claim.quick[0])
    for entry in tape:
        assert entry.number == pytest.approx(float(entry.digits()), rel=1e-13, abs=0), entry.formula.latex


@every_claim
def test_case_fields_are_what_json_can_keep(entry):
    for case in load(entry).quick[:3]:
        assert all(isinstance(value, (int, float, str)) for value in vars(case).values())


def test_the_error_budget_covers_the_ledger():
    assert len(ENTRIES) <= judge.CLAIMS


def test_streams_depend_on_the_case_and_the_name_alone():
    first, second = load(ENTRIES[0]).quick[:2]
    again = type(first)(**vars(first))
    assert rng(first, "data").random() == rng(again, "data").random()
    assert rng(first, "data").random() != rng(second, "data").random()
    assert rng(first, "data").random() != rng(first, "test").random()
