"""What ``kwh2token claims`` prints: a table a pack, and what its verdicts are."""

from collections.abc import Sequence

import pandas as pd
import typer

from analysis.claims.checks import CHECKS
from analysis.claims.context import article_identity
from analysis.claims.ledger import HISTORY, counts, evaluate, for_reading, on_topic
from analysis.cli import print_wide
from analysis.inputs.errors import ParameterError, nearest
from analysis.inputs.packs import pack_names
from analysis.model.verdict import CLAIM_VERDICTS

ALL = "all"


def run(pack: str, *, topic: str, verdict: str, as_json: bool) -> None:
    """Print the ledger of a pack, or of each of them in turn; claims of several are never counted together.

    Raises
    ------
    InputError
        If there is no such pack, topic or verdict, or a pack breaks a rule.
    """
    if verdict not in {"", *CLAIM_VERDICTS}:
        hint = nearest(verdict, CLAIM_VERDICTS)
        raise ParameterError(f"verdict {verdict!r:.60}: not one of {', '.join(CLAIM_VERDICTS)}{hint}")
    names = pack_names() if pack == ALL else (pack,)
    ledgers = {name: evaluate(name) for name in names}
    chosen = _on_topic(ledgers, topic)
    if verdict:
        chosen = {name: ledger[ledger["verdict"] == verdict] for name, ledger in chosen.items()}
    if as_json:
        told = pd.concat(chosen.values(), ignore_index=True)
        typer.echo(told.to_json(orient="records", indent=2))
        return
    for name, ledger in chosen.items():
        typer.echo(f"{name}: {article_identity(name).replace('*', '')}")
        _print(ledger, apart=(ledgers[name]["topic"] == HISTORY).any())


def print_checks() -> None:
    """Print what a claim may name as its check, and what each does with the rows that the claim cites."""
    from rich.table import Table

    table = Table("check", "what it does")
    for name, check in sorted(CHECKS.items()):
        told = getattr(check, "func", check).__doc__ or ""
        table.add_row(name, " ".join(told.split()))
    print_wide(table, width=150)


def _on_topic(ledgers: dict[str, pd.DataFrame], topic: str) -> dict[str, pd.DataFrame]:
    """Return the claims on a topic; of several packs those that have some."""
    having = {name: ledger for name, ledger in ledgers.items() if topic in {"", *ledger["topic"]}}
    if not having:
        on_topic(pd.concat(ledgers.values()), topic)  # says which topics there are
    return {name: on_topic(ledger, topic) for name, ledger in having.items()}


def _print(ledger: pd.DataFrame, apart: bool) -> None:
    """Print a ledger and its counts, those of history apart where its pack has claims on that."""
    from rich.table import Table

    shown = for_reading(ledger)
    table = Table("¶", *shown.columns[1:], show_lines=False)
    for cells in shown.astype(str).itertuples(index=False):
        table.add_row(*cells)
    print_wide(table, "; ".join(_counted(ledger, apart)), width=170)


def _counted(ledger: pd.DataFrame, apart: bool) -> Sequence[str]:
    """Return how many distinct claims have which verdict."""
    told = []
    for kind, numbers in counts(ledger)[["outside_history", "history"] if apart else ["distinct"]].items():
        words = ", ".join(f"{number} {word}" for word, number in numbers.items() if number)
        told += [f"{str(kind).replace('_', ' ')}: {words}"] * bool(words)
    return told
