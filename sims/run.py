"""From claims to verdicts: describe, simulate what is missing, judge, look again while open, keep the record."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

from sims import rows as states
from sims.claim import Outcome, Verdict
from sims.engines import Engine
from sims.environment import code_of, versions
from sims.fingerprint import fingerprint, witness
from sims.progress import Progress, interruptible
from sims.registry import Entry, glance
from sims.report_words import count, duration
from sims.rows import Row, Rows
from sims.store import intact, place, save, seconds_of
from sims.summary import Report, record_of, summed_up, without_verdict
from sims.work import DESCRIBE, JUDGE, ROW, Description, Failure, Reply, Task

LONG = 60.0  # seconds of computing that are announced


class Run(NamedTuple):
    """The reports, in the order of the claims, and whether an interrupt cut the run short."""

    reports: list[Report]
    interrupted: bool


@dataclass
class Confrontation:
    """One claim on its way through the run."""

    entry: Entry
    fingerprint: str
    code: str
    look: int = 1
    about: Description | None = None
    missing: set[int] = field(default_factory=set)
    computed: int = 0
    rows: list[Row] = field(default_factory=list)
    report: Report | None = None


def verify(
    entries: Sequence[Entry],
    rows: Rows,
    engine: Engine,
    *,
    mode: str = "quick",
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Confront each claim with its rows; whatever is stored already is not computed again.

    Raises:
        StoreError: if rows or records cannot be written.
        KeyboardInterrupt: at the second interrupt; everything reported done is stored.
    """
    return Driver(rows, engine, mode, progress or Progress()).run(entries, retry_failed)


class Driver:
    """The one process that writes: it hands out tasks, stores rows as they come, and moves each claim on."""

    def __init__(self, rows: Rows, engine: Engine, mode: str, progress: Progress) -> None:
        self.rows, self.engine, self.mode, self.progress = rows, engine, mode, progress
        self.environment = versions()
        self.open: dict[int, tuple[Confrontation, Task]] = {}
        self.tickets = 0
        self.stopping = False

    def run(self, entries: Sequence[Entry], retry_failed: bool) -> Run:
        """All claims through one pool."""
        self.say_damage()
        with interruptible() as interrupts:
            confrontations = [self.begin(entry, retry_failed) for entry in entries]
            self.forecast([this.entry for this in confrontations if this.report is None])
            while self.open:
                if interrupts and not self.stopping:
                    self.stop()
                self.take_in(self.engine.ready(0.2))
        return Run([c.report or self.unfinished(c) for c in confrontations], self.stopping)

    def begin(self, entry: Entry, retry_failed: bool) -> Confrontation:
        """A claim whose verdict is known needs nothing; any other is described by a worker."""
        print_ = fingerprint(entry.path)
        this = Confrontation(entry, print_, code_of(print_, witness(entry.path), self.environment))
        if retry_failed:
            self.rows.forget_failed(entry.id, this.code)
        this.report = self.remembered(this)
        if this.report is None:
            self.submit(this, DESCRIBE)
        return this

    def forecast(self, entries: Sequence[Entry]) -> None:
        """Say how much there is to compute, going by the records that are there, if it is more than a minute."""
        seconds = [seconds_of(place(entry, self.mode)) for entry in entries]
        if sum(seconds) > LONG:
            new = sum(s == 0 for s in seconds)
            self.progress.say(
                f"{count(len(entries), 'claim')} to run: at most {duration(sum(seconds))} of computing in all, "
                f"as the records took" + (f", and {count(new, 'claim')} without a record" if new else "")
            )

    def remembered(self, this: Confrontation) -> Report | None:
        """What was concluded before, if code and record are still what they were."""
        kept = self.rows.verdict(this.entry.id, self.mode, this.code)
        if kept is None or not intact(place(this.entry, self.mode), str(kept.get("checksum"))):
            return None
        try:
            return replace(Report(**kept["report"]), label=this.entry.label, computed=0)
        except (KeyError, TypeError):  # written by a version that told other things
            return None

    def stop(self) -> None:
        """At the first interrupt: rows in flight are finished, the rest is left for another run."""
        self.stopping = True
        self.progress.say("interrupted: finishing the rows in flight; interrupt again to stop at once")
        for ticket in self.engine.drop():
            self.open.pop(ticket, None)

    def submit(self, this: Confrontation, kind: str, index: int = 0, rows: Sequence[Row] = ()) -> None:
        """One more task, unless the run is stopping."""
        if self.stopping:
            return
        self.tickets += 1
        payloads, spent = tuple(row.payload for row in rows), sum(row.seconds for row in rows)
        task = Task(kind, this.entry, this.fingerprint, self.mode, this.look, index, payloads, spent)
        self.open[self.tickets] = (this, task)
        self.engine.submit(self.tickets, task, first=kind == JUDGE)

    def take_in(self, answers: list[tuple[int, Reply]]) -> None:
        """Store all rows that came, in one transaction, and only then move their claims on."""
        known = [(*self.open.pop(ticket), reply) for ticket, reply in answers if ticket in self.open]
        new = [self.row(this, task, reply) for this, task, reply in known if _is_row(task, reply)]
        self.rows.add(new)
        self.progress.done(len(new))
        for this, task, reply in known:
            if reply.failure is not None and not _is_row(task, reply):
                self.give_up(this, reply.failure)
            elif this.report is not None:
                continue
            elif task.kind == DESCRIBE:
                self.described(this, reply.value)
            elif task.kind == ROW:
                this.computed += 1
                this.missing.discard(task.index)
                if not this.missing:
                    self.simulated(this)
            else:
                self.judged(this, *reply.value)

    def row(self, this: Confrontation, task: Task, reply: Reply) -> Row:
        """What is stored of a row: its arrays, or why there are none."""
        assert this.about is not None
        key = (this.entry.id, this.about.cases[task.index], this.code)
        if reply.failure is None:
            return Row(*key, states.DONE, reply.seconds, reply.value)
        story = {"last": reply.failure.last, "text": reply.failure.text}
        return Row(*key, states.FAILED, reply.seconds, json.dumps(story).encode())

    def described(self, this: Confrontation, about: Description) -> None:
        """Cases are known: submit those that are not stored."""
        this.about = about
        stored = set(self.rows.cases(this.entry.id, this.code))
        this.missing = {i for i, case in enumerate(about.cases) if case not in stored}
        if this.missing:
            why = " (its code changed)" if not stored and self.rows.other_code(this.entry.id, this.code) else ""
            seen = self.rows.observed(this.entry.id, this.code)
            again = sum(about.cases[i] in seen for i in this.missing)
            self.progress.say(
                f"{this.entry.id}: {len(this.missing)} row(s) to compute{why}, "
                + (f"{again} of them observed already, " if again else "")
                + f"{len(about.cases) - len(this.missing)} stored already"
            )
            self.progress.plan(len(this.missing))
            for index in sorted(this.missing):
                known = seen.get(about.cases[index])
                self.submit(this, ROW, index, rows=[known] if known else ())
        else:
            self.simulated(this)

    def simulated(self, this: Confrontation) -> None:
        """Every row is stored: read them back, checked, and have them judged."""
        assert this.about is not None
        stored = self.rows.read(this.entry.id, this.code)
        self.say_damage()
        if any(case not in stored for case in this.about.cases):
            self.described(this, this.about)
            return
        this.rows = [stored[case] for case in this.about.cases]
        if any(row.state == states.FAILED for row in this.rows):
            self.conclude(this, None)
        else:
            self.submit(this, JUDGE, rows=this.rows)

    def judged(
        self, this: Confrontation, verdict: Verdict, rival: Verdict, formulas: tuple[dict[str, str], ...]
    ) -> None:
        """Look again with twice the seeds while something is open, else conclude."""
        assert this.about is not None
        if Outcome.OPEN in (verdict.outcome, rival.outcome) and this.look < this.about.looks:
            this.look += 1
            self.progress.say(
                f"{this.entry.id}: open; look {this.look} of {this.about.looks}, with twice the seeds"
            )
            self.submit(this, DESCRIBE)
            return
        self.conclude(this, (verdict, rival), formulas)

    def conclude(
        self,
        this: Confrontation,
        verdicts: tuple[Verdict, Verdict] | None,
        formulas: tuple[dict[str, str], ...] = (),
    ) -> None:
        """Save the record, then remember that it is there."""
        if fingerprint(this.entry.path) != this.fingerprint:
            line = f"the code of {this.entry.id} changed while it was running; run it again"
            self.give_up(this, Failure(line, line))
            return
        assert this.about is not None
        record = record_of(
            this.entry,
            this.about,
            this.rows,
            verdicts,
            mode=self.mode,
            looks=this.look,
            fingerprint=this.fingerprint,
            versions=self.environment,
            formulas=formulas,
        )
        report = summed_up(this.entry, record, this.rows, this.computed)
        checksum = save(record, place(this.entry, self.mode))
        kept = json.dumps({"checksum": checksum, "report": asdict(report)}).encode()
        self.rows.add([Row(this.entry.id, self.mode, this.code, states.VERDICT, record.seconds, kept)])
        this.report, this.rows = report, []
        self.progress.say(f"{this.entry.id}: {report.outcome}, its rival {report.rival}")

    def give_up(self, this: Confrontation, failure: Failure) -> None:
        """The claim itself cannot be used; the others are still judged, and nothing is remembered."""
        if this.report is None:
            this.report = self.in_words(this, Outcome.ERROR, failure.last)
            self.progress.say(f"{this.entry.id}: error, {failure.last}")

    def unfinished(self, this: Confrontation) -> Report:
        """A claim that an interrupt left without a verdict."""
        if this.about is None:
            return self.in_words(this, Outcome.OPEN, "interrupted before it began")
        total = len(this.about.cases)
        reason = f"interrupted: {total - len(this.missing)} of {total} rows done and stored"
        return self.in_words(this, Outcome.OPEN, reason)

    def in_words(self, this: Confrontation, outcome: Outcome, reason: str) -> Report:
        """The line of a claim without a verdict."""
        source = this.about.source if this.about else glance(this.entry)[1]
        return without_verdict(this.entry, source, self.mode, outcome, reason, this.computed)

    def say_damage(self) -> None:
        """Tell what the store found damaged."""
        for line in self.rows.said:
            self.progress.say(line)
        self.rows.said.clear()


def _is_row(task: Task, reply: Reply) -> bool:
    """Whether the reply is to be stored: a row, done or failed, of the code that the run started with."""
    return task.kind == ROW and not (reply.failure is not None and reply.failure.changed)
