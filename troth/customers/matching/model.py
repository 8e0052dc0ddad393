"""Splink, silenced and shut off from the network, trained on the company's own people."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException, SplinkException

from .comparisons import COMPARISONS

# Fewer people than this hold too few duplicates and strangers to learn from: the starting figures are used.
PEOPLE_TO_TRAIN = 1_000
SAMPLED_PAIRS = 4e6
SEED = 20_260_101

# Pairs that are surely one person, to estimate how many duplicates there are: this share of all of them.
SURE_RULES = (
    "l.name_letters = r.name_letters and l.birth_date = r.birth_date",
    "l.name_letters = r.name_letters and list_has_any(l.phones, r.phones)"
    " and (l.birth_date is null or r.birth_date is null)",
)
SURE_SHARE = 0.6


def _candidate_rules() -> list[Any]:
    """Return which pairs are looked at; every duplicate has to share at least one of these."""
    return [
        block_on("phones", arrays_to_explode=["phones"]),
        block_on("emails", arrays_to_explode=["emails"]),
        block_on("name_letters", "birth_year"),
        block_on("birth_date", "name_initials"),
        block_on("birth_date", "name_family"),
        block_on("name_letters", "address_numbers"),
        block_on("address_words", "address_numbers"),
        block_on("name_full", "substr(address_words, 1, 4)"),
        block_on("email_locals", "name_initials", arrays_to_explode=["email_locals"]),
    ]


def _settings(prior: float) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison.settings() for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=_candidate_rules(),
        probability_two_random_records_match=prior,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        unique_id_column_name="unique_id",
        max_iterations=25,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Splink's progress notes and warnings about rare levels out of our logs."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def open_engine(memory_limit: str) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory that reads no file and loads nothing from outside."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def score_pairs(people: pa.Table, *, threshold: float, memory_limit: str = "2GB") -> tuple[list[dict[str, Any]], bool]:
    """Return the pairs at or above the probability, and whether the model learnt from these people.

    Each pair: unique_id_l, unique_id_r, match_probability, gamma_<comparison>, weight_<comparison> in bits.
    """
    connection = open_engine(memory_limit)
    try:
        with _quiet():
            return _score(connection, people, threshold)
    finally:
        connection.close()


def _score(
    connection: duckdb.DuckDBPyConnection, people: pa.Table, threshold: float
) -> tuple[list[dict[str, Any]], bool]:
    frame = DuckDBAPI(connection=connection).register(people, table_name="people")
    linker = Linker(frame, _settings(_prior(connection, people.num_rows)), log_level=None, validate_settings=False)
    is_trained = people.num_rows >= PEOPLE_TO_TRAIN and _train(linker)
    pairs = linker.inference.predict(threshold_match_probability=threshold, warning_mode="never")
    query = f"SELECT {_pair_columns()} FROM {pairs.physical_name}"  # noqa: S608  names of our own
    return connection.sql(query).to_arrow_table().to_pylist(), is_trained


def _pair_columns() -> str:
    columns = ["unique_id_l", "unique_id_r", "match_probability"]
    for comparison in COMPARISONS:
        name = comparison.name
        frequency = f" + mw_tf_adj_{name}" if comparison.has_frequencies else ""
        columns += [f"gamma_{name}", f"mw_{name}{frequency} AS weight_{name}"]
    return ", ".join(columns)


def _prior(connection: duckdb.DuckDBPyConnection, count: int) -> float:
    """Return the share of all pairs that are one person: the sure ones, scaled up.

    Held below one duplicate in two people, and below what a company of a thousand may have: starting figures
    speak of strangers at large.
    """
    either = " or ".join(f"({rule})" for rule in SURE_RULES)
    query = f"SELECT count(*) FROM people l JOIN people r ON l.name_letters = r.name_letters AND l.unique_id < r.unique_id WHERE {either}"  # noqa: S608, E501  constants only
    ((sure,),) = connection.execute(query).fetchall()
    estimate = max(sure, 1) / SURE_SHARE / max(count * (count - 1) / 2, 1)
    return float(min(estimate, 1 / max(count, PEOPLE_TO_TRAIN)))


def _train(linker: Linker) -> bool:
    """Learn u from random pairs, m by expectation maximisation. False where the data teach nothing."""
    try:
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
        for column in ("name_letters", "birth_date"):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(column), fix_probability_two_random_records_match=False
            )
    except (EMTrainingException, SplinkException):
        return False
    return True
