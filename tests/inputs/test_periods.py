"""Period strings."""

from datetime import date

import pytest

from analysis.inputs import periods


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-S1", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("2026-03-12", date(2026, 3, 12), date(2026, 3, 12)),
        ("2024-07..2025-06", date(2024, 7, 1), date(2025, 6, 30)),
    ],
)
def test_bounds(period: str, start: date, end: date) -> None:
    assert periods.bounds(period) == (start, end)


@pytest.mark.parametrize(
    "period", ["", "25", "2025-13", "2025-S3", "2025-Q5", "2025-02-30", "about 2021", "2025..2024"]
)
def test_nonsense_is_named(period: str) -> None:
    with pytest.raises(ValueError, match="period"):
        periods.bounds(period)


def test_middle_year() -> None:
    assert periods.middle_year("2025") == pytest.approx(2025.5, abs=1e-3)
    assert periods.middle_year("2024-S2") == pytest.approx(2024.75, abs=2e-3)
