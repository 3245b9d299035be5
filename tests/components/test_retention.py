"""How long logs are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane._retention import RETENTION_DAYS, check_retention


@given(st.integers(min_value=-10, max_value=5000))
def test_days_are_accepted_exactly_when_cloudwatch_has_them(days: int) -> None:
    if days in RETENTION_DAYS:
        assert check_retention("days", days) == days
        assert type(check_retention("days", float(days))) is int
    else:
        with pytest.raises(InvalidInput):
            check_retention("days", days)


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (
            10,
            (
                "log_retention_days is 10, CloudWatch Logs does not keep logs for that many days;"
                " the nearest it accepts is 7"
            ),
        ),
        (
            45,
            (
                "log_retention_days is 45, CloudWatch Logs does not keep logs for that many days;"
                " the nearest it accepts is 60"
            ),
        ),
        (True, "log_retention_days is True, it must be a whole number of days"),
        ("30", "log_retention_days is '30', it must be a whole number of days"),
        (1.5, "log_retention_days is 1.5, it must be a whole number of days"),
    ],
)
def test_a_refusal_names_the_nearest_number_of_days(days: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_retention("log_retention_days", days)
    assert str(refused.value) == sentence
