"""The command line: what may be typed, and what an exit code means."""

import argparse
import math
import os
import sys
from collections.abc import Sequence

EXAMPLES = """
examples:
  lemmata verify                                  every claim, quick cases
  lemmata verify price_of_implicit_bias --full    one paper, the cases of its committed records
  lemmata verify path/to/my_claim.py              a claim of your own; no other step is needed
  lemmata replay NAME --case 3 --pdb              one row again, bit for bit, with a debugger
  lemmata falsify my_statement.py --budget 60s    hunt for a counterexample; see docs/falsifying.md

exit codes: 0 all hold and every rival is rejected, 1 something fails, 2 something is open, 3 an error;
of falsify: 0 nothing found, 1 refuted, 2 vacuous or undecided, 3 an error; of all: 130 interrupted.
environment: LEMMATA_HOME (rows and quick records, default .lemmata), LEMMATA_RESULTS (full records).
"""

ENGINES = ("processes", "dask", "serial")


class Parser(argparse.ArgumentParser):
    """Bad arguments are an error like any other: one line, exit code 3."""

    def error(self, message: str) -> "None":  # type: ignore[override]
        """One line, and where to read more."""
        sys.stderr.write(f"lemmata: error: {message}; see `{self.prog} --help`\n")
        raise SystemExit(3)


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    top = Parser(
        prog="lemmata",
        description="Theorems as executable claims: verdict, evidence, figure.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    verify = commands.add_parser("verify", help="confront claims with simulations and give verdicts")
    verify.add_argument("names", nargs="*", metavar="CLAIM|PAPER|FILE", help="which claims; all if none is given")
    _modes(verify)
    verify.add_argument("--jobs", type=_positive, metavar="N", help="worker processes; one per core by default")
    verify.add_argument(
        "--engine", choices=["processes", "dask", "serial"], default="processes", help="where rows run"
    )
    verify.add_argument("--scheduler", default="", metavar="ADDRESS", help="of the dask cluster")
    verify.add_argument("--device", choices=["auto", "cpu", "cuda"], help="for claims that can train on a GPU")
    verify.add_argument("--timeout", type=_seconds, metavar="S", help="seconds that one row may take")
    verify.add_argument("--retry-failed", action="store_true", help="compute rows again that raised before")
    verify.add_argument("--json", action="store_true", help="one JSON object on standard output, and nothing else")

    shown = commands.add_parser("list", help="every claim with its last verdict, fresh or stale")
    shown.add_argument("names", nargs="*", metavar="CLAIM|PAPER|FILE")
    shown.add_argument("--json", action="store_true", help="one JSON object on standard output")
    shown.add_argument("--markdown", action="store_true", help="the table of verdicts as in README.md")

    figures = commands.add_parser("figures", help="draw figures from records: PDF, PNG and CSV")
    figures.add_argument("names", nargs="*", metavar="NAME", help="which figures; all if none is given")
    figures.add_argument("--out", default="figures/out", metavar="FOLDER", help="default: figures/out")

    report = commands.add_parser("report", help="write the ledger: one self-contained HTML page")
    report.add_argument("--open", action="store_true", help="show it in a browser")
    report.add_argument("--out", default="lemmata.html", metavar="FILE", help="default: lemmata.html")

    replay = commands.add_parser("replay", help="compute one row again, bit for bit")
    replay.add_argument("claim", metavar="CLAIM")
    replay.add_argument("--case", type=int, required=True, metavar="K", help="position of the row, from 0")
    _modes(replay)
    replay.add_argument("--device", choices=["auto", "cpu", "cuda"])
    replay.add_argument("--pdb", action="store_true", help="stop inside `simulate`")

    price = commands.add_parser("price", help="what the wrong geometry costs under attack, on your own data")
    price.add_argument(
        "data", metavar="DATA", help="a .npz (X, y, maybe X_test, y_test), a .csv (label last), digits or mnist"
    )
    price.add_argument(
        "--attack", type=_exponent, default=math.inf, metavar="P", help="exponent of its ball; inf by default"
    )
    price.add_argument(
        "--eps", type=_numbers, default=[], metavar="E,E,…", help="radii; shares of the largest one by default"
    )
    price.add_argument("--json", action="store_true", help="one JSON object on standard output")
    price.add_argument("--out", default=".", metavar="FOLDER", help="where the figure goes; default: here")

    penalty = commands.add_parser("penalty", help="the best penalty of kernel ridge without attack and under it")
    penalty.add_argument("data", metavar="DATA", help="as for `lemmata price`")
    penalty.add_argument("--kernel", choices=["tangent", "gaussian"], default="tangent", help="default: tangent")
    penalty.add_argument(
        "--noise", type=_numbers, default=[0.0, 0.1, 0.2, 0.4], metavar="R,R,…", help="shares of labels to flip"
    )
    penalty.add_argument(
        "--attack", type=float, choices=[2.0, math.inf], default=2.0, help="exponent of its ball; default: 2"
    )
    penalty.add_argument(
        "--eps", type=float, metavar="E", help="its radius; by default a share of the classes' distance"
    )
    penalty.add_argument("--lams", type=_positive, default=100, metavar="N", help="penalties; default: 100")
    penalty.add_argument("--draws", type=_positive, default=3, metavar="N", help="of the flips; default: 3")
    penalty.add_argument("--train", type=_positive, default=1000, metavar="N", help="at most; default: 1000")
    penalty.add_argument("--test", type=_positive, default=500, metavar="N", help="at most; default: 500")
    penalty.add_argument("--json", action="store_true", help="one JSON object on standard output")
    penalty.add_argument("--figure", metavar="FILE", help="draw the path: a .pdf or .png file")

    falsify = commands.add_parser("falsify", help="hunt for a counterexample inside the assumptions")
    falsify.add_argument("target", metavar="CLAIM|LAW|FILE", help="what may be false")
    falsify.add_argument("--budget", type=_duration, default=60.0, metavar="T", help="as 60s or 2m; default: 60s")
    falsify.add_argument("--estimator", metavar="MODULE:CLASS", help="whose law it is; or FILE.py:OBJECT")
    falsify.add_argument("--tol", type=_accuracy, default=1e-6, metavar="T", help="its accuracy; default: 1e-6")
    falsify.add_argument("--seed", type=_count, default=0, metavar="N", help="of the hunt; default: 0")
    falsify.add_argument("--json", action="store_true", help="one JSON object on standard output")
    falsify.add_argument("--device", choices=["auto", "cpu", "cuda"], help="for claims that can train on a GPU")
    _modes(falsify)
    return top


def _modes(command: argparse.ArgumentParser) -> None:
    group = command.add_mutually_exclusive_group()
    group.add_argument("--quick", dest="mode", action="store_const", const="quick", help="the quick cases")
    group.add_argument(
        "--full", dest="mode", action="store_const", const="full", help="those of committed records"
    )


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"must be a whole number ≥ 1, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds > 0, got {text!r}")
    return value


def _duration(text: str) -> float:
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}
    if text[-1:] in unit:
        return _seconds(text[:-1]) * unit[text[-1]]
    return _seconds(text)


def _accuracy(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"must be in [0, 1), got {text!r}")
    return value


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number ≥ 0, got {text!r}")
    return int(text)


def _exponent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value >= 1:
        raise argparse.ArgumentTypeError(f"must be in [1, inf], got {text!r}")
    return value


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers separated by commas, got {text!r}") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    if getattr(arguments, "device", None):
        os.environ["LEMMATA_DEVICE"] = arguments.device
    from sims import commands
    from sims.home import StoreError

    try:
        return commands.run(arguments)
    except (ValueError, StoreError) as error:
        return _refused(str(error))
    except ModuleNotFoundError as error:
        return _refused(f"{arguments.command} needs the module {error.name}; `pip install lemmata[all]` brings it")
    except BrokenPipeError:  # the reader of our output has gone, as in `lemmata list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _refused("interrupted; every row reported done is stored", code=130)


def _refused(reason: str, code: int = 3) -> int:
    """One line, no traceback."""
    sys.stderr.write(f"lemmata: error: {' '.join(reason.split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
